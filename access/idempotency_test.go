package access

import (
	"testing"
)

// A change with the key of an earlier one changes nothing; with another input it is
// refused. Others, and other changes, may use the same key.
func TestKeysOfChanges(t *testing.T) {
	w := newWorld(t)
	pending := w.ask(600)
	key := Basis{IdempotencyKey: new("k")}
	reason := "better"
	twice := func(name string, do func() (Request, error), other func() (Request, error)) {
		t.Helper()
		first, err := do()
		w.must(err)
		head := w.log.Head()
		again, err := do()
		w.must(err)
		if w.log.Head() != head || again.Status != first.Status {
			t.Errorf("%s: the same again changes something: %s, %s", name, first.Status, again.Status)
		}
		_, err = other()
		w.wants(err, CodeConflict, "idempotencyKey")
		if w.log.Head() != head {
			t.Errorf("%s: another input with the same key changes something", name)
		}
	}
	review := func(id string, of ReviewSubject, d Decision) func() (Request, error) {
		return func() (Request, error) {
			in := seenAt(2, of, d)
			in.IdempotencyKey = new("k")
			return w.ReviewRequest(t.Context(), w.admin, id, in)
		}
	}
	update := func(text string) func() (Request, error) {
		return func() (Request, error) {
			return w.UpdateRequest(t.Context(), w.dev, pending.ID, RequestPatch{Reason: &text}, key)
		}
	}
	twice("update", update(reason), update("worse"))
	twice("deny", review(pending.ID, SubjectRequest, DecisionDeny), review(pending.ID, SubjectRequest, DecisionApprove))
	active := w.active(600)
	extend := func(d Seconds) func() (Request, error) {
		return func() (Request, error) { return w.ExtendRequest(t.Context(), w.dev, active.ID, d, "more", key) }
	}
	twice("extend", extend(600), extend(700))
	twice("extension", review(active.ID, SubjectExtension, DecisionApprove), review(active.ID, SubjectExtension, DecisionDeny))
	revoke := func(why string) func() (Request, error) {
		return func() (Request, error) { return w.RevokeRequest(t.Context(), w.boss, active.ID, why, key) }
	}
	twice("revoke", revoke("over"), revoke("not over"))
	_, err := w.CancelRequest(t.Context(), w.dev, w.ask(600).ID, Basis{IdempotencyKey: new(" ")})
	w.wants(err, CodeInvalid, "idempotencyKey")
}

// What is made with a key is made once, with the same input.
func TestKeysOfCreations(t *testing.T) {
	w := newWorld(t)
	ask := w.request(600)
	ask.IdempotencyKey = new("k")
	for name, make := range map[string]func(name string) (string, error){
		"request": func(name string) (string, error) {
			in := ask
			in.Reason = name
			r, err := w.CreateRequest(t.Context(), w.dev, in)
			return r.ID, err
		},
		"account": func(name string) (string, error) {
			a, err := w.CreateAccount(t.Context(), w.admin, NewAccount{Name: name, Provider: "GCP", ExternalID: "1", IdempotencyKey: new("k")})
			return a.ID, err
		},
		"gateway": func(name string) (string, error) {
			g, err := w.CreateGateway(t.Context(), w.admin, NewGateway{Name: name, IdempotencyKey: new("k")})
			return g.ID, err
		},
		"resource": func(name string) (string, error) {
			r, err := w.CreateResource(t.Context(), w.admin, NewResource{Name: name, Kind: ResourcePrivateServer, IdempotencyKey: new("k")})
			return r.ID, err
		},
		"integration": func(name string) (string, error) {
			i, err := w.CreateIntegration(t.Context(), w.admin, NewIntegration{Name: name, Kind: SlackWebhook, URL: "https://hooks.example/x", IdempotencyKey: new("k")})
			return i.ID, err
		},
	} {
		first, err := make("one")
		w.must(err)
		head := w.log.Head()
		again, err := make("one")
		w.must(err)
		if again != first || w.log.Head() != head {
			t.Errorf("%s: %s, then %s", name, first, again)
		}
		if _, err = make("two"); CodeOf(err) != CodeConflict || w.log.Head() != head {
			t.Errorf("%s with another input: %v", name, err)
		}
	}
}

// Only so many keys are kept.
func TestKeptKeys(t *testing.T) {
	var keys []usedKey
	for i := range 3 * keptKeys {
		keys = remember(keys, usedKey{Key: string(rune('a' + i))})
	}
	if len(keys) != keptKeys || keys[keptKeys-1].Key != string(rune('a'+3*keptKeys-1)) {
		t.Errorf("%v", keys)
	}
}
