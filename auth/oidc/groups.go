package oidc

import (
	"encoding/json"
	"errors"
	"fmt"
)

// errTooManyGroups says that the provider names a place where the groups are instead of the
// groups: it does so for people who are in many.
var errTooManyGroups = errors.New("the provider leaves the groups out, since they are too many")

// groups reads the names of a person's groups from claims; nil where the claim is not there.
// Providers write one group as a text. An error is why they can't be told from a claim that
// is there.
func (p *Provider) groups(claims func(any) error) ([]string, error) {
	name := p.opt.GroupsClaim
	if name == "" {
		return nil, nil
	}
	var all map[string]json.RawMessage
	if err := claims(&all); err != nil {
		return nil, errors.New("the claims can't be read")
	}
	raw, ok := all[name]
	if !ok || string(raw) == "null" {
		return nil, elsewhere(all["_claim_names"], name)
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}, nil
	}
	groups := []string{}
	if err := json.Unmarshal(raw, &groups); err != nil {
		return nil, fmt.Errorf("the claim %s is no list of names", name)
	}
	return groups, nil
}

// elsewhere is an error where a claim is told to be somewhere else: OpenID Connect Core,
// section 5.6.2.
func elsewhere(claimNames json.RawMessage, name string) error {
	var names map[string]any
	if json.Unmarshal(claimNames, &names) == nil && names[name] != nil {
		return errTooManyGroups
	}
	return nil
}
