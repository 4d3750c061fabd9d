package condition

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

	"procyon/phrase"
	"procyon/policy"
)

// words are the names that conditions can use, for who misspelled one.
type words []string

// wordsOf collects them.
func wordsOf(env *cel.Env) (w words) {
	for _, v := range env.Variables() {
		w = append(w, v.Name())
	}
	for name := range env.Functions() {
		if written.MatchString(name) {
			w = append(w, name)
		}
	}
	for _, t := range []string{personType, thingType, placeType} {
		fields, _ := env.CELTypeProvider().FindStructFieldNames(t)
		w = append(w, fields...)
	}
	slices.Sort(w)
	return slices.Compact(w)
}

var written = regexp.MustCompile(`^[a-zA-Z_]+$`)

// meant says what may have been meant by a name; "" where nothing is near.
func (w words) meant(name string) string {
	least, best := 3, ""
	for _, o := range w {
		if n := phrase.Slips(strings.ToLower(name), strings.ToLower(o)); n < least && n < len(o)-1 {
			least, best = n, o
		}
	}
	if best == "" {
		return ""
	}
	return " Did you mean " + best + "?"
}

// first is the first of the issues that CEL found, in our words.
func (w words) first(issues *cel.Issues) *Error {
	var first *Error
	for _, issue := range issues.Errors() {
		if err := errorAt(issue.Location, w.say(issue.Message)); first == nil || err.before(first) {
			first = err
		}
	}
	if first == nil {
		return &Error{1, 1, "This is no condition."}
	}
	return first
}

// say is what a message of CEL says, in our words.
func (w words) say(message string) string {
	for _, m := range messages {
		if found := m.theirs.FindStringSubmatch(message); found != nil {
			return m.ours(w, found)
		}
	}
	return "This can't be read as a condition."
}

// messages are CEL's, and ours: the first that fits counts.
var messages = []struct {
	theirs *regexp.Regexp
	ours   func(w words, found []string) string
}{
	{regexp.MustCompile(`^undeclared reference to '(get[A-Z]\w*)'`), func(words, []string) string {
		return `Times are read by hour(now, "Europe/Berlin"), weekday, date, inside and outside.`
	}},
	{regexp.MustCompile(`^undeclared reference to '([^']*)'`), func(w words, f []string) string {
		return fmt.Sprintf("There is no %.40s here.", f[1]) + w.meant(f[1])
	}},
	{regexp.MustCompile(`^undefined field '([^']*)'`), func(w words, f []string) string {
		return fmt.Sprintf("There is no field %.40s here.", f[1]) + w.meant(f[1])
	}},
	{regexp.MustCompile(`(?s)^found no matching overload for '([^']*)' applied to '(.*)'$`), func(_ words, f []string) string {
		return overloadWords(f[1], f[2])
	}},
	{regexp.MustCompile(`^expression of type '(.*)' cannot be range`), func(_ words, f []string) string {
		return "Only lists and tags can be gone through; this is " + typeWords(f[1]) + "."
	}},
	{regexp.MustCompile(`^type '(.*)' does not support field selection`), func(_ words, f []string) string {
		return "There are no fields in " + typeWords(f[1]) + "."
	}},
	{regexp.MustCompile(`^expected type '(.*)' but found '(.*)'`), func(_ words, f []string) string {
		return fmt.Sprintf("This has to be %s, and is %s.", typeWords(f[1]), typeWords(f[2]))
	}},
	{regexp.MustCompile(`^invalid duration argument`), func(words, []string) string { return `Write lengths of time as "90m", "4h" or "1h30m".` }},
	{regexp.MustCompile(`^invalid timestamp argument`), func(words, []string) string { return `Write moments as "2026-12-24T18:00:00Z".` }},
	{regexp.MustCompile(`nesting limit`), func(words, []string) string {
		return fmt.Sprintf("Go through lists within others at most %d deep.", maxNesting)
	}},
	{regexp.MustCompile(`recursion|nesting depth`), func(words, []string) string {
		return "This is nested too deeply; take it apart, or make two guardrails."
	}},
	{regexp.MustCompile(`node count|expression count`), func(words, []string) string { return "This has too many parts; make two guardrails." }},
	{regexp.MustCompile(`expression code point size`), func(words, []string) string {
		return fmt.Sprintf("Give at most %d bytes.", policy.MaxCondition)
	}},
	{regexp.MustCompile(`argument (is not an identifier|must be a simple name)`), func(words, []string) string {
		return "The first argument is a name for each element, such as i in items.exists(i, i.role == \"admin\")."
	}},
	{regexp.MustCompile(`invalid argument to has\(\) macro`), func(words, []string) string { return "Write has with a field, such as has(item.tags.env)." }},
	{regexp.MustCompile(`reserved identifier: (\w+)`), func(_ words, f []string) string { return fmt.Sprintf("The word %s is reserved.", f[1]) }},
	{regexp.MustCompile(`expected type|not assignable|aggregate literal|homogeneous`), func(words, []string) string {
		return "All elements of a list have to be of one type."
	}},
	{regexp.MustCompile(`^Syntax error: token recognition error at: '(["'])`), func(words, []string) string {
		return `A text begins here and does not end, or has a \ that has to be \\.`
	}},
	{regexp.MustCompile(`^Syntax error: .*'<EOF>'`), func(words, []string) string { return "The condition ends too early." }},
	{regexp.MustCompile(`(?s)^Syntax error: (?:mismatched input|extraneous input|no viable alternative at input|token recognition error at:) '(.*?)'`), func(_ words, f []string) string {
		at := strings.TrimSpace(phrase.Printable(f[1]))
		if say, known := map[string]string{"=": "==", "and": "&&", "or": "||", "&": "&&", "|": "||", "not": "!"}[at]; known {
			return fmt.Sprintf("Write %s in place of %s.", say, at)
		}
		return fmt.Sprintf("This can't be read at %.20q.", at)
	}},
}

// usages are how functions are called that are often called otherwise.
var usages = map[string]string{
	hourName:    `hour(now, "Europe/Berlin")`,
	weekdayName: `weekday(now, "Europe/Berlin")`,
	dateName:    `date(now, "Europe/Berlin")`,
	insideName:  `inside(now, "Europe/Berlin", "MON-FRI", "08:00", "18:00")`,
	outsideName: `outside(now, "Europe/Berlin", "MON-FRI", "08:00", "18:00")`,
	"contains":  `reason.contains("text"), and "text" in a list`,
	"@in":       `"text" in a list, and reason.contains("text")`,
}

// overloadWords says that an operator or a function does not go with these types.
func overloadWords(name, args string) string {
	shown := strings.Trim(strings.NewReplacer("@in", "in", "_[_]", "[]", "_?_:_", "?:").Replace(name), "_")
	hint := ""
	switch usage, ours := usages[name]; {
	case ours:
		hint = " Write " + usage + "."
	case strings.Contains(args, "duration"):
		hint = ` Write lengths of time as duration("4h").`
	case strings.Contains(args, "timestamp"):
		hint = ` Write moments as timestamp("2026-12-24T18:00:00Z").`
	case strings.Contains(args, placeType):
		hint = " Compare its id or its name."
	case strings.Contains(args, "optional_type"):
		hint = ` Say what counts in place of what is not there, by orValue("").`
	}
	return fmt.Sprintf("%s can't be used with %s.%s", shown, typeList(args), hint)
}

// typeWords is what a type of CEL is called.
func typeWords(t string) string {
	name, _, _ := strings.Cut(t, "(")
	if said, known := map[string]string{
		"string": "a text", "int": "a whole number", "double": "a number", "uint": "a number", "bool": "true or false", "null": "null", "bytes": "bytes",
		"list": "a list", "map": "a map", "optional_type": "something that may not be there",
		"duration": "a length of time", "timestamp": "a moment", "google.protobuf.Duration": "a length of time", "google.protobuf.Timestamp": "a moment",
		personType: "a person", thingType: "an item", placeType: "something with id and name",
	}[name]; known {
		return said
	}
	return "something else"
}

// typeList is what the types of a call are called, of "(int, string)" or "string.(int)".
func typeList(args string) string {
	var out []string
	depth, from := 0, 0
	add := func(to int) {
		if t := strings.Trim(args[from:to], " ."); t != "" {
			out = append(out, typeWords(t))
		}
		from = to + 1
	}
	args = strings.TrimSuffix(args, ")")
	target, rest, isMethod := strings.Cut(args, ".(")
	if isMethod {
		out = append(out, typeWords(target))
		args = rest
	} else {
		args = strings.TrimPrefix(args, "(")
	}
	for i, c := range args {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				add(i)
			}
		}
	}
	add(len(args))
	if len(out) == 0 {
		return "nothing"
	}
	return phrase.Listed(out, "and")
}

// regexpRule says what is wrong with a regular expression; "": nothing.
func regexpRule(pattern string) string {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "This is no regular expression (RE2): " + strings.TrimPrefix(err.Error(), "error parsing regexp: ") + "."
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil || len(program.Inst) > maxRegexp {
		return "This regular expression is too long; repeat less of it."
	}
	return ""
}
