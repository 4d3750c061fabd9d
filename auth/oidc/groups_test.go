package oidc

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestGroupsOfClaims(t *testing.T) {
	p := &Provider{opt: Options{GroupsClaim: "groups"}}
	for text, want := range map[string]struct {
		groups []string // nil: not said
		fault  string
	}{
		`{"groups": ["dba", "on call"]}`:       {groups: []string{"dba", "on call"}},
		`{"groups": "dba"}`:                    {groups: []string{"dba"}},
		`{"groups": []}`:                       {groups: []string{}},
		`{"groups": null}`:                     {},
		`{}`:                                   {},
		`{"groups": {"dba": true}}`:            {fault: "the claim groups is no list of names"},
		`{"groups": ["dba", 7]}`:               {fault: "the claim groups is no list of names"},
		`{"groups": 7}`:                        {fault: "the claim groups is no list of names"},
		`[]`:                                   {fault: "the claims can't be read"},
		`{"_claim_names": {"groups": "src1"}}`: {fault: errTooManyGroups.Error()},
		`{"_claim_names": {"roles": "src1"}}`:  {},
		`{"_claim_names": "groups"}`:           {},
		`{"groups": ["a"], "_claim_names": {"groups": "src1"}}`: {groups: []string{"a"}},
	} {
		got, err := p.groups(func(v any) error { return json.Unmarshal([]byte(text), v) })
		fault := ""
		if err != nil {
			fault = err.Error()
		}
		if !slices.Equal(got, want.groups) || (got == nil) != (want.groups == nil) || fault != want.fault {
			t.Errorf("%s: %v, %q; want %v, %q", text, got, fault, want.groups, want.fault)
		}
	}
	if got, err := (&Provider{}).groups(func(any) error { panic("claims are read that nobody wants") }); got != nil || err != nil {
		t.Error(got, err)
	}
}
