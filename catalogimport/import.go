package catalogimport

import (
	"encoding/json"
	"fmt"
	"time"

	"procyon/access"
	"procyon/store"
)

// KindImport is the kind of this room's subjects.
const KindImport access.Kind = "imp"

// Kinds are the kinds of subjects of this room, for the journal.
func Kinds() []access.Registration { return []access.Registration{access.Register[Import]()} }

// Status says how far an import is.
type Status string

// The statuses of an import.
const (
	Checked Status = "CHECKED" // nothing was written yet; no subject of the journal
	Running Status = "RUNNING"
	Done    Status = "DONE"    // every row was put into the catalog, or refused
	Stopped Status = "STOPPED" // before its end; what was done until then stays
)

// Counts are how many rows of a file there are, by what they would do.
type Counts struct {
	New     int `json:"new"`
	Changed int `json:"changed"`
	Same    int `json:"same"`
	Wrong   int `json:"wrong,omitempty"`
}

// Progress is how many rows were put into the catalog, and how many were refused.
type Progress struct {
	Applied int `json:"applied"`
	Refused int `json:"refused"`
}

// Import is an import as the journal has it, from its start on.
type Import struct {
	ID        string       `json:"id"`
	FileName  string       `json:"fileName,omitempty"`
	Digest    string       `json:"digest"` // SHA-256 of the file, in hexadecimal
	By        access.Actor `json:"by"`     // who acts in each entry that it makes
	CheckedAt time.Time    `json:"checkedAt"`
	StartedAt time.Time    `json:"startedAt"`
	Counts    Counts       `json:"counts"`
	Status    Status       `json:"status"`
	Progress  Progress     `json:"progress,omitzero"` // at its end
	EndedAt   time.Time    `json:"endedAt,omitzero"`
	Why       string       `json:"why,omitempty"` // it was stopped, for people
}

// Entry types of imports.
const (
	typeStarted = "STARTED"
	typeEnded   = "ENDED"
	typeStopped = "STOPPED"
)

// ending is the data of the entries of its end.
type ending struct {
	Progress Progress  `json:"progress"`
	At       time.Time `json:"at"`
	Why      string    `json:"why,omitempty"`
}

// Named implements access.State.
func (*Import) Named() access.Naming { return access.Naming{Kind: KindImport, Noun: "catalog import"} }

// Apply implements access.State.
func (i *Import) Apply(typ string, data []byte) error {
	switch typ {
	case typeStarted:
		*i = Import{}
		err := json.Unmarshal(data, i)
		i.Status = Running
		return err
	case typeEnded, typeStopped:
		var e ending
		if err := json.Unmarshal(data, &e); err != nil {
			return err
		}
		i.Status, i.Progress, i.EndedAt, i.Why = Done, e.Progress, e.At, e.Why
		if typ == typeStopped {
			i.Status = Stopped
		}
		return nil
	}
	return fmt.Errorf("unknown entry type %q", typ)
}

const (
	importTerm  = "imp/"
	runningTerm = "imp/running"
)

// Index implements access.State.
func (i *Import) Index() (string, []string) {
	terms := []string{importTerm}
	if i.Status == Running {
		terms = append(terms, runningTerm)
	}
	return store.TimeSort(i.StartedAt), terms
}
