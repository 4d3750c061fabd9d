package slackbot

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"procyon/phrase"
)

// catalog finds resources by words of their names.
type catalog func(ctx context.Context, search string) ([]resource, error)

// readTyped reads the words behind /procyon request. l says what is allowed.
func readTyped(ctx context.Context, find catalog, words string, l *limits) (*typed, error) {
	t := &typed{}
	rest, err := t.readResource(ctx, find, asTyped(words), l)
	if err != nil {
		return nil, err
	}
	t.readDetails(rest, l)
	return t, nil
}

// maxNameWords is how many words at the beginning are looked up.
const maxNameWords = 6

// readResource reads the resource, and returns what stands behind it.
func (t *typed) readResource(ctx context.Context, find catalog, text string, l *limits) (rest string, err error) {
	if text == "" {
		return "", nil
	}
	if name, rest, quoted, open := unquote(text); quoted {
		return t.readQuoted(ctx, find, name, trimBetween(rest), open)
	}
	found, err := findBeginning(ctx, find, text)
	if err != nil {
		return "", err
	}
	if named, rest := longestNamed(text, found); len(named) > 0 {
		t.choose(named, rest)
		return rest, nil
	}
	if rest, ok := t.readLength(text, l); ok {
		t.lead, t.timed = strings.TrimSpace(strings.TrimSuffix(text, rest)), true
		return t.readBehindLength(ctx, find, trimBetween(rest))
	}
	return t.guess(ctx, find, text)
}

// readQuoted takes the resource of just that name.
func (t *typed) readQuoted(ctx context.Context, find catalog, name, rest string, open bool) (string, error) {
	if open {
		t.named = name
		t.problem("The quote that begins with %s has no end.", phrase.Quoted(short(name)))
		return "", nil
	}
	found, err := find(ctx, name)
	if err != nil {
		return "", err
	}
	var named []resource
	for _, r := range found {
		if slices.ContainsFunc(r.names(), func(n string) bool { return sameName(asTyped(n), name) }) {
			named = append(named, r)
		}
	}
	if len(named) == 0 {
		return rest, t.unknown(ctx, find, name, rest, true)
	}
	t.choose(named, rest)
	return rest, nil
}

// choose takes the resource that was named, or asks which where several have that name.
func (t *typed) choose(named []resource, rest string) {
	if len(named) == 1 {
		t.resource = &named[0]
		return
	}
	t.named = named[0].Name
	t.problem("%s are named %s. Which is meant?", phrase.Count(len(named), "resource"), phrase.Quoted(t.named))
	for _, r := range named[:min(len(named), maxNear)] {
		t.near = append(t.near, nearby{resource: r, rest: rest})
	}
}

// readBehindLength reads what stands behind a length at the beginning: a resource by its
// whole name, or the reason.
func (t *typed) readBehindLength(ctx context.Context, find catalog, text string) (rest string, err error) {
	if name, behind, quoted, open := unquote(text); quoted {
		return t.readQuoted(ctx, find, name, trimBetween(behind), open)
	}
	found, err := findBeginning(ctx, find, text)
	if err != nil {
		return "", err
	}
	if named, behind := longestNamed(text, found); len(named) > 0 {
		t.choose(named, behind)
		return behind, nil
	}
	if text != "" {
		t.note("No resource is named before or behind the time, so choose one. The rest is read as the reason.")
	}
	return text, nil
}

// guess takes the only resource whose name has what was typed as a part, and says so; or
// says that there is none.
func (t *typed) guess(ctx context.Context, find catalog, text string) (rest string, err error) {
	name, rest, parted := beforeDetails(text)
	if !parted {
		name, rest, _ = strings.Cut(text, " ")
	}
	found, err := find(ctx, name)
	if err != nil {
		return "", err
	}
	const enough = 3 // letters: fewer are in too many names
	if len(found) == 1 && utf8.RuneCountInString(name) >= enough && strings.Contains(strings.ToLower(found[0].Name), strings.ToLower(name)) {
		t.resource = &found[0]
		t.note("%s is taken as %s.", phrase.Quoted(short(name)), phrase.Quoted(found[0].label()))
		return rest, nil
	}
	if !parted { // nobody can tell where the name ends
		name, rest = text, ""
	}
	return rest, t.unknown(ctx, find, name, rest, parted)
}

// unknown says that there is no such resource, and which may be meant. parted tells
// whether it is known where the name ends, and rest begins.
func (t *typed) unknown(ctx context.Context, find catalog, name, rest string, parted bool) error {
	t.named = name
	near, err := findNear(ctx, find, missing{strings.Fields(name), rest, parted})
	if err != nil {
		return err
	}
	const most = 4 // words of what is quoted
	shown := strings.Fields(name)
	if len(shown) > most {
		shown = append(shown[:most:most], "…")
	}
	t.problem("There is no resource %s.", phrase.Quoted(short(strings.Join(shown, " "))))
	t.near = near
	return nil
}

// findBeginning finds resources whose names a text may begin with. It asks for one more
// word as long as there are too many.
func findBeginning(ctx context.Context, find catalog, text string) ([]resource, error) {
	var all []resource
	words := strings.Fields(text)
	for n := 1; n <= min(len(words), maxNameWords); n++ {
		found, err := find(ctx, strings.Trim(strings.Join(words[:n], " "), ",:;"))
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if !slices.ContainsFunc(all, func(have resource) bool { return have.ID == r.ID }) {
				all = append(all, r)
			}
		}
		if len(found) < maxFound {
			break
		}
	}
	return all, nil
}

// maxNear is how many resources are offered that may be meant.
const maxNear = 5

// missing is a name that no resource has.
type missing struct {
	words  []string // of the name, and where it is not parted, of all behind
	rest   string
	parted bool
}

// findNear finds resources that may be meant, the nearest first.
func findNear(ctx context.Context, find catalog, m missing) ([]nearby, error) {
	m.words = m.words[:min(len(m.words), 2*maxNameWords)]
	pool := map[string]resource{}
	look := func(search string) error {
		found, err := find(ctx, search)
		for _, r := range found {
			pool[r.ID] = r
		}
		return err
	}
	for _, w := range m.words[:min(len(m.words), maxNameWords)] {
		if err := look(w); err != nil {
			return nil, err
		}
	}
	near := m.likely(pool)
	first := []rune(strings.Join(m.words[:min(1, len(m.words))], ""))
	for n := min(4, len(first)-1); n > 0 && len(near) == 0; n-- {
		if err := look(string(first[:n])); err != nil {
			return nil, err
		}
		near = m.likely(pool)
	}
	return near, nil
}

// likely are those of some resources that may be meant, the nearest first.
func (m missing) likely(pool map[string]resource) []nearby {
	var out []nearby
	for _, r := range pool {
		if n, ok := m.nearness(r); ok {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b nearby) int {
		return cmp.Or(a.score-b.score, strings.Compare(a.label(), b.label()), strings.Compare(a.ID, b.ID))
	})
	return out[:min(len(out), maxNear)]
}

// nearness tells how far a resource's name is from what was typed. ok is false where it is
// likely another: its name differs in more than a few letters, does not have the first
// word in it, and is not named further behind.
func (m missing) nearness(r resource) (near nearby, ok bool) {
	const (
		slip = 5    // what a letter that differs counts; what differs only before foldName counts less
		far  = 1000 // what all letters that differ count together, at most, of a name that is near
	)
	want := foldName(r.Name)
	best, end := len(want)+5, 0 // what differs in more letters than that is all the same
	for n := 1; n <= min(len(m.words), maxNameWords); n++ {
		if d := phrase.Slips(foldName(strings.Join(m.words[:n], " ")), want); d < best {
			best, end = d, n
		}
	}
	if best <= max(1, utf8.RuneCountInString(want)/3) {
		alike := phrase.Slips(strings.ToLower(strings.Join(m.words[:end], " ")), strings.ToLower(r.Name))
		return m.near(r, best*slip+min(alike, slip-1), strings.Join(m.words[end:], " ")), true
	}
	for i := range m.words {
		if behind, named := behindName(strings.Join(m.words[i:], " "), r.Name); named {
			return m.near(r, far, behind), true
		}
	}
	first := foldName(strings.Join(m.words[:min(1, len(m.words))], ""))
	return m.near(r, far+best, strings.Join(m.words[min(1, len(m.words)):], " ")), len(first) > 1 && strings.Contains(want, first)
}

func (m missing) near(r resource, score int, behind string) nearby {
	if m.parted {
		behind = m.rest
	}
	return nearby{resource: r, rest: behind, score: score}
}

// foldName brings a name into a form in which alike ones are near each other.
func foldName(s string) string {
	return strings.NewReplacer("_", "-", " ", "-", ".", "-", "/", "-").Replace(strings.ToLower(s))
}
