package slackworkspace

import (
	"procyon/access"
	"procyon/store"
)

// The kinds of subjects of this room.
const (
	KindWorkspace access.Kind = "wsp"
	KindLink      access.Kind = "slk"
)

// Kinds are the kinds of subjects of this room, for the journal.
func Kinds() []access.Registration {
	return []access.Registration{access.Register[Workspace](), access.Register[Link]()}
}

// Service carries out commands about workspaces and links. It is safe for concurrent
// use. Its errors are *access.Error where they are expected. It implements
// [access.Workspaces].
type Service struct {
	subjects  *access.Subjects
	secrets   access.Sealer
	checkURL  func(raw string) error
	directory *directory
}

// New makes a Service over the subjects of a journal. docs keeps which channels the app
// sees. secrets seals them, and the webhooks that workspaces offer, and checkURL says whether a webhook may go somewhere; its message is
// for a person.
func New(subjects *access.Subjects, docs store.Documents, secrets access.Sealer, checkURL func(raw string) error) *Service {
	return &Service{subjects: subjects, secrets: secrets, checkURL: checkURL, directory: &directory{docs: docs, known: map[string]directed{}}}
}
