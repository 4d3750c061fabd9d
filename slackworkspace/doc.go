// Package slackworkspace is the room of the domain that knows Slack: which workspaces
// have the app and count here (Workspace), and which Slack user is which person (Link).
// Its subjects stand in the same journal as all others, and what it decides is guarded
// on people and integrations as theirs is on its workspaces.
//
// It builds on the package access, which knows nothing of Slack: it asks what is in
// [access.Workspaces], and calls Options.EndFor when a person was disabled. This package
// calls no Slack either; the bot does.
package slackworkspace
