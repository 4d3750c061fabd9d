// Package integration says what a kind of integrations is: what it is called, where its
// integrations can post, and how that is checked, shown and kept. The domain takes its
// kinds from it, and the workers send to them; so it knows neither, and each kind is a
// package of its own below notifier, with one row in the table of internal/app.
package integration

import "slices"

// Kind is a kind of integrations.
type Kind struct {
	// Name is its value of the API's enum IntegrationKind, and what integrations are
	// stored with. It never changes.
	Name string
	// Destination is what has to be given of where an integration posts.
	Destination []Field
	// Missing says what to give, to whom did not give it; "" leaves that to the check of
	// the empty value.
	Missing string
	// Foreign says what to leave out, to whom gave a field of another kind.
	Foreign string
	// Mend says in a sentence or two what an administrator does about an integration that is
	// broken for a reason, which is in the words of what sends there; "" is unknown.
	Mend func(reason string) string
}

// Field is a part of a destination.
type Field struct {
	// Name is the API's input field: see [WebhookURL].
	Name string
	// Secret: it is kept encrypted, and told to nobody but to workers that send there.
	Secret bool
	// Check says what is wrong with a value, to whoever gave it and without repeating a
	// secret; nil: whoever knows what it refers to checks it.
	Check func(value string) error
	// Mask is how a secret is shown.
	Mask func(value string) string
}

// The fields that the API and the stored integrations have for destinations.
const (
	// WebhookURL is the URL that messages are posted to. It is a secret.
	WebhookURL = "webhookUrl"
	// SlackWorkspace is the ID of a workspace that has the app. Whoever keeps the workspaces
	// checks it.
	SlackWorkspace = "slackChannel.workspaceId"
	// SlackChannel is a channel's ID in that workspace.
	SlackChannel = "slackChannel.channelId"
)

// Field returns a field of the destination, and whether the kind has it.
func (k Kind) Field(name string) (Field, bool) {
	i := slices.IndexFunc(k.Destination, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return k.Destination[i], true
}

// Has tells whether the destination has a field.
func (k Kind) Has(name string) bool {
	_, ok := k.Field(name)
	return ok
}

// Secret tells whether a part of the destination is a secret.
func (k Kind) Secret() bool {
	return slices.ContainsFunc(k.Destination, func(f Field) bool { return f.Secret })
}

// Find returns the kind of a name, and whether there is one.
func Find(kinds []Kind, name string) (Kind, bool) {
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return Kind{}, false
	}
	return kinds[i], true
}
