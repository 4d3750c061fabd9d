package policy

import (
	"fmt"
	"strings"

	"procyon/duration"
	"procyon/phrase"
)

// Said is what a part of a policy or guardrail says, in words: texts, and between them the
// IDs of what it names, so that whoever shows it can say what that is called.
type Said []Word

// Word is a text, or the ID of a person, a group, an account, a gateway or a resource.
type Word struct{ Text, ID string }

// In is it as one text, with the names of what it names.
func (s Said) In(names func(id string) string) string {
	var out strings.Builder
	for _, w := range s {
		if w.ID != "" {
			out.WriteString(names(w.ID))
		}
		out.WriteString(w.Text)
	}
	return out.String()
}

// IDs are those of what it names.
func (s Said) IDs() []string {
	var ids []string
	for _, w := range s {
		if w.ID != "" {
			ids = append(ids, w.ID)
		}
	}
	return ids
}

func text(format string, args ...any) Said { return Said{{Text: fmt.Sprintf(format, args...)}} }

// either is one of two texts.
func either(is bool, yes, no string) Said {
	if is {
		return text("%s", yes)
	}
	return text("%s", no)
}

// rows are several in a row: "a", "a or b", "a, b or c".
func rows(parts []Said, last string) Said {
	var out Said
	for i, p := range parts {
		switch {
		case i == 0:
		case i == len(parts)-1:
			out = append(out, Word{Text: " " + last + " "})
		default:
			out = append(out, Word{Text: ", "})
		}
		out = append(out, p...)
	}
	return out
}

func naming(noun string, ids []string) []Said {
	var out []Said
	for _, id := range ids {
		s := Said{{ID: id}}
		if noun != "" {
			s = Said{{Text: noun + " "}, {ID: id}}
		}
		out = append(out, s)
	}
	return out
}

func texts(list []string) []Said {
	var out []Said
	for _, t := range list {
		out = append(out, text("%s", t))
	}
	return out
}

func (w Who) said() Said {
	people := append(naming("", w.UserIDs), naming("the group", w.GroupIDs)...)
	switch {
	case w.Everyone:
		return text("everyone")
	case len(people) == 0:
		return text("nobody")
	}
	return rows(people, "or")
}

func (w What) said() Said {
	out := text("everything")
	if len(w.Kinds) > 0 {
		var kinds []string
		for _, k := range w.Kinds {
			kinds = append(kinds, strings.ToLower(strings.ReplaceAll(k, "_", " ")))
		}
		out = rows(texts(kinds), "or")
	}
	if places := append(append(naming("the account", w.AccountIDs), naming("the gateway", w.GatewayIDs)...), naming("the resource", w.ResourceIDs)...); len(places) > 0 {
		out = append(append(out, Word{Text: " at "}), rows(places, "or")...)
	}
	if len(w.Roles) > 0 {
		out = append(append(out, Word{Text: ", with the role "}), rows(texts(w.Roles), "or")...)
	}
	if len(w.Tags) > 0 {
		var tags []string
		for _, t := range w.Tags {
			tags = append(tags, strings.TrimSuffix(t.Key+"="+t.Value, "="))
		}
		out = append(append(out, Word{Text: ", tagged "}), rows(texts(tags), "and")...)
	}
	return out
}

func (a *Approvers) said() Said {
	of := append(naming("", a.UserIDs), naming("the group", a.GroupIDs)...)
	for _, more := range []struct {
		is   bool
		name string
	}{{a.Owners, "the owners"}, {a.Manager, "the manager"}, {a.Administrators, "the administrators"}} {
		if more.is {
			of = append(of, text("%s", more.name))
		}
	}
	if len(of) == 0 {
		of = texts([]string{"nobody"})
	}
	return rows(of, "or")
}

// said is one step: "Review: 2 of Ada, the group Ops or the administrators". Whatever a Step
// has is told here, or a change of it could not be seen.
func (s *Step) said() Said {
	out := text("%d of ", s.Need)
	if s.Name != "" {
		out = text("%s: %d of ", s.Name, s.Need)
	}
	out = append(out, s.Approvers.said()...)
	if s.RemindEvery > 0 {
		out = append(out, text("; reminded every %s", duration.Words(s.RemindEvery.Duration()))...)
	}
	if e := s.Escalation; e != nil {
		out = append(append(out, text("; after %s also ", duration.Words(e.After.Duration()))...), e.Approvers.said()...)
	}
	if s.EndAfter > 0 {
		out = append(out, text("; over after %s", duration.Words(s.EndAfter.Duration()))...)
	}
	return out
}

// saidSteps are the steps of a policy; nothing of one that refuses.
func (p *Policy) saidSteps() Said {
	if len(p.Steps) == 0 {
		if p.Refuse != "" {
			return nil
		}
		return text("nobody has to approve")
	}
	var steps []Said
	for i := range p.Steps {
		steps = append(steps, p.Steps[i].said())
	}
	return rows(steps, "then")
}

func saidRefusal(why string) Said {
	if why == "" {
		return text("it does not refuse")
	}
	return text("refused: %s", why)
}

func saidConsole(only bool) Said { return either(only, "in the console alone", "anywhere") }

func saidLength(s duration.Seconds, none string) Said {
	if s == 0 {
		return text("%s", none)
	}
	return text("%s", duration.Words(s.Duration()))
}

func (t *Ticket) said() Said {
	switch {
	case t == nil:
		return text("none is needed")
	case t.Pattern == "" && t.Example == "":
		return text("any")
	case t.Pattern == "":
		return text("any, such as %s", t.Example)
	}
	return text("those that match %s, such as %s", t.Pattern, t.Example)
}

func saidReason(n int) Said {
	if n == 0 {
		return text("as short as any")
	}
	return text("%s at least", phrase.Count(n, "character"))
}
