package graph

import (
	"fmt"
	"math"

	"procyon/access"
)

// entries is how many entries a subject has, as the API has it.
func entries(version uint64) int { return int(min(version, math.MaxInt32)) }

// seen refuses a subject that is not of the version that the caller saw; nil: whichever it is.
// of says its version, and what it is called at the beginning of a sentence.
func seen[S any](version *int, of func(S) (uint64, string)) func(S) error {
	if version == nil {
		return nil
	}
	return func(state S) error {
		is, called := of(state)
		if *version == entries(is) {
			return nil
		}
		return access.Errorf(access.CodeConflict, "expectedVersion", "%s was changed meanwhile; look before you go on.", called)
	}
}

func seenUser(version *int) func(access.User) error {
	return seen(version, func(u access.User) (uint64, string) { return u.Version, fmt.Sprintf("What is known of %q", u.Name) })
}

func seenOwned(version *int) func(access.Owned) error {
	return seen(version, func(o access.Owned) (uint64, string) { return o.Version, fmt.Sprintf("%q", o.Name) })
}

func seenResource(version *int) func(access.Resource) error {
	return seen(version, func(r access.Resource) (uint64, string) { return r.Version, fmt.Sprintf("%q", r.Name) })
}
