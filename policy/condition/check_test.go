package condition_test

import (
	"errors"
	"strings"
	"testing"

	"procyon/policy"
	"procyon/policy/condition"
)

// What is wrong is said with the place, and what to do.
func TestCheckRefuses(t *testing.T) {
	c := conditions(t)
	const zones = `Change this: time zones have names such as "Europe/Berlin" and "UTC".`
	const clocks = `Change this: times are written as "08:00", up to "24:00" for the end of a day.`
	for expression, want := range map[string]string{
		// What can't be read.
		``:                            `1:1: The condition ends too early.`,
		`item.role == "x" &&`:         `1:20: The condition ends too early.`,
		`(item.role == "x"`:           `1:18: The condition ends too early.`,
		`item.role = "x"`:             `1:11: Write == in place of =.`,
		`item.role == "x" and true`:   `1:18: Write && in place of and.`,
		`item.role == "x" && && true`: `1:21: This can't be read at "&&".`,
		`item.role == "x`:             `1:14: A text begins here and does not end, or has a \ that has to be \\.`,
		`reason.matches("\d")`:        `1:16: A text begins here and does not end, or has a \ that has to be \\.`,
		`if x then y`:                 `1:1: The word if is reserved.`,
		"\x00":                        `1:1: This can't be read at "".`,
		// What is not there.
		`item.rol == "x"`:                          `1:5: There is no field rol here. Did you mean role?`,
		"item.kind == 'A' &&\n\n  item.rol == 'x'": `3:7: There is no field rol here. Did you mean role?`,
		`"é" == item.rol`:                          `1:12: There is no field rol here. Did you mean role?`,
		`items.exists(i, i.tag["env"] == "x")`:     `1:18: There is no field tag here. Did you mean tags?`,
		`items[0].holder == "x"`:                   `1:9: There is no field holder here. Did you mean holder?`,
		`itm.role == "x"`:                          `1:1: There is no itm here. Did you mean item?`,
		`manager == "x"`:                           `1:1: There is no manager here.`,
		`now.getDayOfMonth() == 1`:                 `1:18: Times are read by hour(now, "Europe/Berlin"), weekday, date, inside and outside.`,
		`dyn(item).rol == "x"`:                     `1:4: There is no dyn here.`,
		`string(duration) == "3600s"`:              `1:7: There is no string here.`,
		`cel.bind(x, 1, true)`:                     `1:1: There is no cel here.`,
		`optional.of(1).optMap(x, x).hasValue()`:   `1:22: There is no optMap here.`,
		// What does not go together.
		`item`:                          `1:1: This gives an item; a condition has to give true or false.`,
		`item.tags.env`:                 `1:1: This gives a text; a condition has to give true or false.`,
		`item.resource == "ledger"`:     `1:15: == can't be used with something with id and name and a text. Compare its id or its name.`,
		`duration > "4h"`:               `1:10: > can't be used with a length of time and a text. Write lengths of time as duration("4h").`,
		`now > "2026-12-24"`:            `1:5: > can't be used with a moment and a text. Write moments as timestamp("2026-12-24T18:00:00Z").`,
		`item.tags.?env == "prod"`:      `1:16: == can't be used with something that may not be there and a text. Say what counts in place of what is not there, by orValue("").`,
		`holder.groups.contains("x")`:   `1:23: contains can't be used with a list and a text. Write reason.contains("text"), and "text" in a list.`,
		`"x" in item.role`:              `1:5: in can't be used with a text and a text. Write "text" in a list, and reason.contains("text").`,
		`item.role.exists(c, true)`:     `1:5: Only lists and tags can be gone through; this is a text.`,
		`item.role.name == ""`:          `1:10: There are no fields in a text.`,
		`[1, "a"].size() == 2`:          `1:5: This has to be a whole number, and is a text.`,
		`items.exists(1, true)`:         `1:14: The first argument is a name for each element, such as i in items.exists(i, i.role == "admin").`,
		`has(item)`:                     `1:5: Write has with a field, such as has(item.tags.env).`,
		`items == items`:                `1:1: Compare what is in it, such as ids: this is more than one value.`,
		`item.tags != {"a": "b"}`:       `1:5: Compare what is in it, such as ids: this is more than one value.`,
		`item in items`:                 `1:1: Compare what is in it, such as ids: this is more than one value.`,
		`[holder.groups] == [["x"]]`:    `1:1: Compare what is in it, such as ids: this is more than one value.`,
		`item.?tags == optional.none()`: `1:5: Compare what is in it, such as ids: this is more than one value.`,
		// What can't be evaluated, or could cost too much.
		`condition.thing{kind: "x"}.kind == ""`:                    `1:16: Objects can't be made here; compare their fields instead.`,
		`google.protobuf.Struct{}.size() == 0`:                     `1:23: Objects can't be made here; compare their fields instead.`,
		`(items + items).size() > 1`:                               `1:2: Lists can't be joined; test each with ||.`,
		`items.exists(i, (items + items).exists(j, true))`:         `1:18: Lists can't be joined; test each with ||.`,
		`items.all(i, items.all(j, items.all(k, true)))`:           `1:36: Go through lists within others at most 2 deep.`,
		`holder.groups.all(g, holder.groups.all(h, g == h))`:       `1:1: This could cost too much to evaluate: 481 times what is allowed. Go through lists less often, or through fewer of them within others.`,
		`reason.matches(ticket)`:                                   `1:16: Write the regular expression of matches as a text in quotation marks.`,
		`matches(reason, "(")`:                                     "1:17: This is no regular expression (RE2): missing closing ): `(`.",
		`reason.matches("(a{1000}){1000}")`:                        "1:16: This is no regular expression (RE2): invalid repeat count: `{1000}`.",
		`reason.matches("(a{99}")`:                                 "1:16: This is no regular expression (RE2): missing closing ): `(a{99}`.",
		`reason.matches("a{99}")`:                                  `1:16: This regular expression is too long; repeat less of it.`,
		`items.all(i, i.tags.all(k, matches(k, "(?:a?){20}b")))`:   `1:1: This could cost too much to evaluate: 21 times what is allowed. Go through lists less often, or through fewer of them within others.`,
		`items.all(i, i.tags.all(k, k.matches("(?:a?){20}b")))`:    `1:1: This could cost too much to evaluate: 21 times what is allowed. Go through lists less often, or through fewer of them within others.`,
		`duration > duration("4 hours")`:                           `1:21: Write lengths of time as "90m", "4h" or "1h30m".`,
		`now > timestamp("2026-12-24")`:                            `1:17: Write moments as "2026-12-24T18:00:00Z".`,
		strings.Repeat("(", 40) + "true" + strings.Repeat(")", 40): `1:1: This is nested too deeply; take it apart, or make two guardrails.`,
		strings.Repeat("[", 900):                                   `1:1: This is nested too deeply; take it apart, or make two guardrails.`,
		strings.Repeat("items.exists(i,true)||", 80) + "true":      `1:1025: This has too many parts; make two guardrails.`,
		strings.Repeat("a", 2001):                                  `1:1: Give at most 2000 bytes; these are 2001.`,
		strings.Repeat("é", 1001):                                  `1:1: Give at most 2000 bytes; these are 2002.`,
		`hour(now) > 8`:                                            `1:5: hour can't be used with a moment. Write hour(now, "Europe/Berlin").`,
		`hour(now, "Europe/Belin") > 8`:                            "1:11: " + zones,
		`hour(now, "") > 8`:                                        "1:11: " + zones,
		`hour(now, "Local") > 8`:                                   "1:11: " + zones,
		`hour(now, "../../etc/passwd") > 8`:                        "1:11: " + zones,
		`hour(now, item.tags.zone) > 8`:                            `1:20: Write this as a text in quotation marks.`,
		`outside(now, "UTC", "MO-FR", "08:00", "18:00")`:           `1:21: Change this: days are written as "MON-FRI" or "SAT,SUN".`,
		`outside(now, "UTC", "mon", "08:00", "18:00")`:             `1:21: Change this: days are written as "MON-FRI" or "SAT,SUN".`,
		`outside(now, "UTC", "", "08:00", "18:00")`:                `1:21: Change this: days are written as "MON-FRI" or "SAT,SUN".`,
		`outside(now, "UTC", "MON", "8:00", "18:00")`:              "1:28: " + clocks,
		`outside(now, "UTC", "MON", "24:00", "18:00")`:             "1:28: " + clocks,
		`outside(now, "UTC", "MON", "08:00", "24:01")`:             "1:28: " + clocks,
		`outside(now, "UTC", "MON", "08:00", "08:00")`:             `1:28: Change this: the two times of a window have to differ.`,
	} {
		err := c.Check(expression)
		if err == nil || err.Error() != want {
			t.Errorf("%.80s\n got %v\nwant %s", expression, err, want)
		}
		if at := (*condition.Error)(nil); !errors.As(err, &at) {
			t.Errorf("%.80s: %T", expression, err)
		}
	}
}

// Those who save a set hear of it at the condition's field.
func TestCheckOfASet(t *testing.T) {
	set := policy.Default(3600, 0)
	set.Guardrails = []policy.Guardrail{
		{ID: "grd_1", Name: "Right", Condition: `"env" in item.tags`, Refuse: "Not there."},
		{ID: "grd_2", Name: "Wrong", Condition: `env in item.tags`, Refuse: "Not there."},
	}
	wrong, _ := set.Check(policy.Known{Conditions: conditions(t)})
	if len(wrong) != 1 || wrong[0] != (policy.Problem{Field: "guardrails.1.condition", Message: "1:1: There is no env here."}) {
		t.Errorf("%+v", wrong)
	}
}
