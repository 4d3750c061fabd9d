package audit

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"procyon/access"
	"procyon/graph/scalar"
	"procyon/journal"
	"procyon/search"
)

const (
	// MaxTypes is how many types of entries a filter names at most: each is looked up for
	// each kind.
	MaxTypes = 20
	// maxWords is how long the words of a filter are at most, in characters.
	maxWords = 200
)

// ParseWords reads the words of a filter, for [journal.Filter]; field is what they are
// called to their sender. Nothing but spaces is no words.
func ParseWords(field, text string) ([]string, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	if len([]rune(text)) > maxWords {
		return nil, access.Errorf(access.CodeInvalid, field, "The words have at most %d characters.", maxWords)
	}
	words := search.Words(text)
	if len(words) == 0 {
		return nil, access.Errorf(access.CodeInvalid, field, "There is no letter or digit in the words.")
	}
	return words, nil
}

// query is what an export is asked for.
type query struct {
	format         string
	filter         journal.Filter
	after, through journal.Position // through the zero position: to the end
}

// parse reads what the address of an export asks for. Its errors are *access.Error, and
// name the parameter.
func parse(values url.Values) (query, error) {
	q := query{format: "jsonl"}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		given := values[name]
		if many := name == "kinds" || name == "types"; !many && len(given) > 1 {
			return q, invalid(name, "is given more than once")
		}
		if given[0] == "" {
			return q, invalid(name, "is empty; leave it out")
		}
		if err := q.set(name, given); err != nil {
			return q, err
		}
	}
	if f := &q.filter; !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		return q, invalid("to", "must be after 'from'")
	}
	return q, nil
}

func (q *query) set(name string, given []string) (err error) {
	f := &q.filter
	switch name {
	case "format":
		q.format = given[0]
		if formats("")[q.format] == nil {
			return invalid(name, "is one of: "+strings.Join(slices.Sorted(maps.Keys(formats(""))), ", "))
		}
	case "subjectId":
		f.Subject = given[0]
	case "actorId":
		f.Actor = given[0]
	case "kinds":
		for _, k := range split(given) {
			kind, ok := SubjectKinds()[k]
			if !ok {
				return invalid(name, "are some of: "+strings.Join(slices.Sorted(maps.Keys(SubjectKinds())), ", "))
			}
			f.Kinds = append(f.Kinds, kind)
		}
	case "types":
		if f.Types = split(given); len(f.Types) > MaxTypes {
			return invalid(name, fmt.Sprintf("are at most %d", MaxTypes))
		}
	case "words":
		f.Words, err = ParseWords(name, given[0])
	case "from":
		f.From, err = moment(name, given[0])
	case "to":
		f.To, err = moment(name, given[0])
	case "after":
		q.after, err = cursor(name, given[0])
	case "through":
		if q.through, err = cursor(name, given[0]); err == nil && q.through.Seq == 0 {
			return invalid(name, "is the cursor of an entry")
		}
	default:
		return invalid(name, "is no parameter of this address")
	}
	return err
}

// split returns the values of a parameter that may be given several times, each with
// several that commas part: each once, in one order.
func split(given []string) []string {
	all := strings.Split(strings.Join(given, ","), ",")
	slices.Sort(all)
	return slices.Compact(all)
}

func moment(name, text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, invalid(name, "is a time such as 2026-11-01T00:00:00Z")
	}
	return t.UTC(), nil
}

func cursor(name, text string) (journal.Position, error) {
	p, err := scalar.ParseCursor(text)
	if err != nil {
		return p, invalid(name, "is a 'cursor' of an entry, as exports and the API give it")
	}
	return p, nil
}

func invalid(name, what string) error {
	return access.Errorf(access.CodeInvalid, name, "'%s' %s.", name, what)
}
