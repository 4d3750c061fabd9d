package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"procyon/directory/scim"
	"procyon/store"
)

// State is how the sync of a directory goes.
type State struct {
	LastCallAt   time.Time `json:"lastCallAt,omitzero"`   // to ten seconds
	LastChangeAt time.Time `json:"lastChangeAt,omitzero"` // that was made, to ten seconds
	// Refused are the refusals, the last first, at most 50. What is refused again and again
	// is one of them.
	Refused []Refusal `json:"refused,omitempty"`
}

// Refusal is what the directory was refused.
type Refusal struct {
	FirstAt  time.Time `json:"firstAt"`
	LastAt   time.Time `json:"lastAt"`
	Count    int       `json:"count"`
	Method   string    `json:"method"`             // of HTTP
	Resource string    `json:"resource,omitempty"` // User or Group
	ID       string    `json:"id,omitempty"`       // of the person or the group
	Status   int       `json:"status"`             // of HTTP
	Type     string    `json:"type,omitempty"`     // the protocol's
	Detail   string    `json:"detail"`             // for people
}

const (
	stateID    = "dir_state"
	maxRefused = 50
	// stateEvery is how often it is written down that the directory called: not each time.
	stateEvery = 10 * time.Second
	// keptRefusal is how long a refusal is remembered.
	keptRefusal = 30 * 24 * time.Hour
	// Of what callers send no more is kept, in characters.
	maxDetail = 300
	maxID     = 100 // no ID here has as many
	maxMethod = 20
)

// same tells whether two refusals are one that comes again. Each failure of the server has its
// own number in its Detail.
func (r Refusal) same(o Refusal) bool {
	return r.Method == o.Method && r.Resource == o.Resource && r.ID == o.ID && r.Status == o.Status && (r.Status >= 500 || r.Detail == o.Detail)
}

// cut returns the refusal with as much of its texts as is kept.
func (r Refusal) cut() Refusal {
	r.Method, r.ID, r.Detail = cut(r.Method, maxMethod), cut(r.ID, maxID), cut(r.Detail, maxDetail)
	return r
}

func cut(s string, most int) string {
	r := []rune(s)
	return string(r[:min(len(r), most)])
}

// record takes in a refusal, which counts as one that is there already.
func (st *State) record(r Refusal) {
	r.FirstAt, r.Count = r.LastAt, 1
	if i := slices.IndexFunc(st.Refused, r.same); i >= 0 {
		r.FirstAt, r.Count = st.Refused[i].FirstAt, st.Refused[i].Count+1
		st.Refused = slices.Delete(st.Refused, i, i+1)
	}
	st.Refused = slices.Insert(st.Refused, 0, r)
	st.expire(r.LastAt)
}

func (st *State) expire(now time.Time) {
	st.Refused = slices.DeleteFunc(st.Refused, func(r Refusal) bool { return now.Sub(r.LastAt) > keptRefusal })
	st.Refused = st.Refused[:min(len(st.Refused), maxRefused)]
}

// State returns how the sync goes; the zero State where no directory ever called.
func (s *Service) State(ctx context.Context) (State, error) {
	st, _, err := s.state(ctx)
	st.expire(s.now())
	return st, err
}

func (s *Service) state(ctx context.Context) (st State, version uint64, err error) {
	docs, err := s.docs.Get(ctx, stateID)
	if err != nil || len(docs) == 0 {
		return st, 0, err
	}
	if err := json.Unmarshal(docs[0].Data, &st); err != nil {
		return st, 0, fmt.Errorf("the state of the directory: %w", err)
	}
	return st, docs[0].Version, nil
}

// Reporter keeps the State of the calls that it is told of.
type Reporter struct {
	service *Service
	onError func(error)

	mu   sync.Mutex // guards last
	last State      // what was written
}

// NewReporter makes a Reporter. onError hears of what could not be written down.
func NewReporter(s *Service, onError func(error)) *Reporter {
	return &Reporter{service: s, onError: onError}
}

// Report takes in a call that was answered: see scim.Options. What it writes is written at
// most every ten seconds, but for refusals.
func (r *Reporter) Report(ctx context.Context, c scim.Call) {
	now := r.service.now()
	changes := c.Changed
	r.mu.Lock()
	due := c.Err != nil || now.Sub(r.last.LastCallAt) >= stateEvery || changes && now.Sub(r.last.LastChangeAt) >= stateEvery
	if due {
		r.last.LastCallAt = now
		if changes {
			r.last.LastChangeAt = now
		}
	}
	r.mu.Unlock()
	if !due {
		return
	}
	if err := r.service.note(context.WithoutCancel(ctx), now, changes, c); err != nil {
		r.onError(fmt.Errorf("write down what the directory does: %w", err))
	}
}

// noteTries is how often a note is written that others overtake; what is lost then is a note.
const noteTries = 5

func (s *Service) note(ctx context.Context, now time.Time, changes bool, c scim.Call) error {
	for range noteTries {
		st, version, err := s.state(ctx)
		if err != nil {
			return err
		}
		st.LastCallAt = now
		if changes {
			st.LastChangeAt = now
		}
		if e := c.Err; e != nil {
			st.record(Refusal{LastAt: now, Method: c.Method, Resource: c.Resource, ID: c.ID, Status: e.Status, Type: string(e.Type), Detail: e.Detail}.cut())
		}
		data, err := json.Marshal(st)
		if err != nil {
			return err
		}
		err = s.docs.Put(ctx, store.Document{ID: stateID, Version: version + 1, Data: data})
		if !errors.Is(err, store.ErrVersion) {
			return err
		}
	}
	return nil
}
