package scim

import (
	"encoding/json"
	"strings"
)

const (
	// maxFilter is how long a filter or path may be, in bytes.
	maxFilter = 8192
	// maxNesting is how deep its parentheses, negations and brackets may be nested.
	maxNesting = 20
)

// expression is a filter as the grammar has it (RFC 7644, figure 1): *logical, *negation,
// *comparison or *bracket.
type expression interface{ String() string }

// logical joins two or more terms by "and" or "or".
type logical struct {
	op    string
	terms []expression
}

type negation struct{ term expression }

// comparison compares an attribute with a literal: nil, bool, string or json.Number. op is in
// lower case; with "pr" there is no literal.
type comparison struct {
	path  attributePath
	op    string
	value any
}

// bracket is a condition that one and the same value of an attribute meets.
type bracket struct {
	path attributePath
	term expression
}

// attributePath names an attribute, or a part of one: urn:name.sub.
type attributePath struct{ urn, name, sub string }

// valuePath is what a PATCH operation is about: an attribute, one of its parts, or those of
// its values that meet a condition.
type valuePath struct {
	attributePath
	term expression // nil where there are no brackets
}

func (p attributePath) String() string {
	s := p.name
	if p.urn != "" {
		s = p.urn + ":" + s
	}
	if p.sub != "" {
		s += "." + p.sub
	}
	return s
}

func (e *logical) String() string {
	var terms []string
	for _, t := range e.terms {
		if inner, ok := t.(*logical); ok && inner.op != e.op {
			terms = append(terms, "("+t.String()+")")
			continue
		}
		terms = append(terms, t.String())
	}
	return strings.Join(terms, " "+e.op+" ")
}

func (e *negation) String() string { return "not (" + e.term.String() + ")" }

func (e *comparison) String() string {
	if e.op == "pr" {
		return e.path.String() + " pr"
	}
	value, _ := json.Marshal(e.value) //nolint:errchkjson // a literal that was parsed
	return e.path.String() + " " + e.op + " " + string(value)
}

func (e *bracket) String() string { return e.path.String() + "[" + e.term.String() + "]" }

// parser reads filters and paths. It goes forward only, and no deeper than maxNesting.
type parser struct {
	text  string
	at    int
	depth int
	fail  func(detail string, args ...any) *Error // invalidFilter or invalidPath
}

// parseFilter reads a filter.
func parseFilter(text string) (expression, error) {
	p := &parser{text: text, fail: invalidFilter}
	if err := p.checkLength(); err != nil {
		return nil, err
	}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	p.spaces()
	if p.at < len(p.text) {
		return nil, p.unexpected("and, or, or the end")
	}
	return e, nil
}

// parsePath reads the path of a PATCH operation. Outside of its brackets nothing stands but
// an attribute and, behind them, a part of it.
func parsePath(text string) (valuePath, error) {
	p := &parser{text: text, fail: invalidPath}
	if err := p.checkLength(); err != nil {
		return valuePath{}, err
	}
	p.spaces()
	path, err := p.path()
	if err != nil {
		return valuePath{}, err
	}
	out := valuePath{attributePath: path}
	if p.take('[') {
		p.fail = invalidFilter
		if out.term, err = p.inBrackets(path); err != nil {
			return valuePath{}, err
		}
		p.fail = invalidPath
		if p.take('.') {
			if out.sub, err = p.partName(); err != nil {
				return valuePath{}, err
			}
		}
	}
	p.spaces()
	if p.at < len(p.text) {
		return valuePath{}, p.unexpected("the end")
	}
	return out, nil
}

func (p *parser) checkLength() error {
	if len(p.text) > maxFilter {
		return p.fail("It has %d bytes, and may have %d.", len(p.text), maxFilter)
	}
	return nil
}

func (p *parser) or() (expression, error) {
	return p.joined("or", func() (expression, error) { return p.joined("and", p.term) })
}

// joined reads one or more of what next reads, joined by word.
func (p *parser) joined(word string, next func() (expression, error)) (expression, error) {
	first, err := next()
	if err != nil {
		return nil, err
	}
	terms := []expression{first}
	for p.word(word) {
		e, err := next()
		if err != nil {
			return nil, err
		}
		terms = append(terms, e)
	}
	if len(terms) == 1 {
		return first, nil
	}
	return &logical{word, terms}, nil
}

// word takes " word " and nothing else.
func (p *parser) word(word string) bool {
	start := p.at
	if p.spaces() && strings.EqualFold(p.run(isName), word) && p.spaces() {
		return true
	}
	p.at = start
	return false
}

func (p *parser) term() (expression, error) {
	p.spaces()
	if p.take('(') {
		return p.closed(')')
	}
	start := p.at
	if strings.EqualFold(p.run(isName), "not") {
		if p.spaces(); p.take('(') {
			e, err := p.closed(')')
			if err != nil {
				return nil, err
			}
			return &negation{e}, nil
		}
	}
	p.at = start
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	spaced := p.spaces()
	if p.take('[') {
		return p.bracketed(path)
	}
	if !spaced {
		return nil, p.unexpected("a space and an operator")
	}
	return p.comparison(path)
}

// bracketed reads what follows on "path[". A comparison with a part behind the brackets is
// outside of the grammar, and read as one within.
func (p *parser) bracketed(path attributePath) (expression, error) {
	term, err := p.inBrackets(path)
	if err != nil {
		return nil, err
	}
	if !p.take('.') {
		return &bracket{path, term}, nil
	}
	sub, err := p.partName()
	if err != nil {
		return nil, err
	}
	if !p.spaces() {
		return nil, p.unexpected("a space and an operator")
	}
	c, err := p.comparison(attributePath{name: sub})
	if err != nil {
		return nil, err
	}
	return &bracket{path, &logical{"and", []expression{term, c}}}, nil
}

func (p *parser) inBrackets(path attributePath) (expression, error) {
	if path.sub != "" {
		return nil, p.fail("%s stands before brackets, and only a whole attribute can.", quote(path.String()))
	}
	return p.closed(']')
}

// closed reads a filter and what closes it.
func (p *parser) closed(by byte) (expression, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, p.fail("It is nested more than %d deep.", maxNesting)
	}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	p.depth--
	p.spaces()
	if !p.take(by) {
		return nil, p.unexpected(string(by))
	}
	return e, nil
}

func (p *parser) comparison(path attributePath) (expression, error) {
	start := p.at
	switch op := strings.ToLower(p.run(isName)); op {
	case "pr":
		return &comparison{path: path, op: op}, nil
	case "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le":
		if !p.spaces() {
			return nil, p.unexpected("a space and a value")
		}
		value, err := p.literal()
		return &comparison{path, op, value}, err
	}
	p.at = start
	return nil, p.unexpected("one of the operators eq, ne, co, sw, ew, gt, ge, lt, le and pr")
}

func (p *parser) literal() (any, error) {
	start := p.at
	if p.take('"') {
		for p.at < len(p.text) && p.text[p.at] != '"' {
			if p.text[p.at] == '\\' {
				p.at++
			}
			p.at++
		}
		if !p.take('"') {
			p.at = len(p.text)
			return nil, p.unexpected("a quotation mark that ends the text")
		}
		var s string
		if json.Unmarshal([]byte(p.text[start:p.at]), &s) != nil {
			p.at = start
			return nil, p.unexpected("a text as JSON writes it")
		}
		return s, nil
	}
	word := p.run(func(c byte) bool { return isName(c) || c == '+' || c == '.' })
	if b, ok := booleanOf(word); ok {
		return b, nil
	}
	if strings.EqualFold(word, "null") {
		return nil, nil
	}
	var n json.Number
	if word == "" || json.Unmarshal([]byte(word), &n) != nil {
		p.at = start
		return nil, p.unexpected("a value: a text in quotation marks, a number, true, false or null")
	}
	return n, nil
}

// path reads an attribute's name, with what may stand before and behind it.
func (p *parser) path() (attributePath, error) {
	start := p.at
	word := p.run(func(c byte) bool { return isName(c) || c == ':' || c == '.' })
	colon := strings.LastIndexByte(word, ':')
	var out attributePath
	if colon >= 0 {
		out.urn = word[:colon]
	}
	var dotted bool
	out.name, out.sub, dotted = strings.Cut(word[colon+1:], ".")
	if !isAttribute(out.name) || dotted && !isAttribute(out.sub) || colon == 0 {
		p.at = start
		return out, p.unexpected("the name of an attribute")
	}
	return out, nil
}

func (p *parser) partName() (string, error) {
	start := p.at
	name := p.run(isName)
	if !isAttribute(name) {
		p.at = start
		return "", p.unexpected("the name of a part")
	}
	return name, nil
}

// isName reports whether c can stand in a name, $ being of $ref alone.
func isName(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '$'
}

func isAttribute(name string) bool {
	name = strings.TrimPrefix(name, "$")
	return name != "" && !strings.Contains(name, "$") && (name[0]|' ' >= 'a' && name[0]|' ' <= 'z') && !strings.Contains(name, ".")
}

func (p *parser) run(in func(byte) bool) string {
	start := p.at
	for p.at < len(p.text) && in(p.text[p.at]) {
		p.at++
	}
	return p.text[start:p.at]
}

func (p *parser) spaces() bool {
	return p.run(func(c byte) bool { return c == ' ' }) != ""
}

func (p *parser) take(c byte) bool {
	if p.at >= len(p.text) || p.text[p.at] != c {
		return false
	}
	p.at++
	return true
}

func (p *parser) unexpected(wanted string) *Error {
	if p.at >= len(p.text) {
		return p.fail("It ends where %s is expected.", wanted)
	}
	return p.fail("At byte %d, %s stands where %s is expected.", p.at+1, quote(p.text[p.at:]), wanted)
}
