package slackbot

import (
	"context"
	"errors"
	"iter"

	"procyon/client"
)

// server is what the bot asks of the API by itself. What it asks for a person goes
// through as.
type server struct{ *client.Client }

// nobody is a person whom no server has.
const nobody = "usr_nobody"

// as returns the server as somebody sees it who was admitted and is linked. As anybody
// else it may nothing.
func (g *server) as(a admitted) *server {
	id := nobody
	if a.who != nil && a.member.ID() != "" {
		id = a.who.ID
	}
	return &server{g.ActFor(id)}
}

// errChanged: a record was changed by another replica.
var errChanged = errors.New("the record was changed meanwhile")

// What is asked and answered is generated from query/: what the schema renames does not
// build here.
//
//go:generate go tool genqlient
//go:generate go run procyon/internal/initialism operations_gen.go

// change is a record as it is to be; without a value it goes.
type change = RecordInput

// aPage is how many the server gives at a time at most, of anything.
const aPage = 100

// records yields all records whose keys begin with a prefix, by key, page by page. Whoever
// goes through them may change or delete what they were given. After an error nothing
// follows.
func (g *server) records(ctx context.Context, prefix string) iter.Seq2[[]record, error] {
	return g.listRecords(ctx, prefix, false)
}

// due is records for those alone that were last stored as due.
func (g *server) due(ctx context.Context, prefix string) iter.Seq2[[]record, error] {
	return g.listRecords(ctx, prefix, true)
}

func (g *server) listRecords(ctx context.Context, prefix string, due bool) iter.Seq2[[]record, error] {
	return func(yield func([]record, error) bool) {
		err := client.EachPage(func(after string) (client.PageInfo, error) {
			out, err := readRecords(ctx, g, prefix, due, aPage, after)
			if err != nil || len(out.Records) == 0 {
				return client.PageInfo{}, err
			}
			more := len(out.Records) == aPage
			return client.PageInfo{HasNextPage: yield(out.Records, nil) && more, EndCursor: out.Records[len(out.Records)-1].Key}, nil
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// record returns one record; its zero value has the version 0.
func (g *server) record(ctx context.Context, key string) (record, bool, error) {
	out, err := readRecords(ctx, g, key, false, 1, "") // it is the first of those that begin so
	if err != nil || len(out.Records) == 0 || out.Records[0].Key != key {
		return record{Key: key}, false, err
	}
	return out.Records[0], true, nil
}

// put changes records, or returns errChanged.
func (g *server) put(ctx context.Context, changes ...change) error {
	out, err := putRecords(ctx, g, PutRecordsInput{Records: changes})
	if err != nil {
		return err
	}
	errs := client.UserErrors(out.PutRecords.UserErrors)
	if errs.Has("CONFLICT") {
		return errChanged
	}
	return errs.Err()
}

// workspace tells what the server thinks of a workspace, and whether it can be used; nil
// where it knows none.
func (g *server) workspace(ctx context.Context, slackID string) (*workspaceState, error) {
	out, err := readWorkspace(ctx, g, slackID)
	return out.SlackWorkspace, err
}

// person is who a Slack user is here.
type person struct {
	LinkID string
	Status SlackLinkStatus
	Why    SlackLinkReason // where it waits
	ID     string
	Name   string
	Role   Role
}

// identity returns who a Slack user is, nil where they are linked to nobody.
func (g *server) identity(ctx context.Context, slackID, slackUserID string) (*person, error) {
	out, err := readIdentity(ctx, g, slackID, slackUserID)
	if err != nil {
		return nil, err
	}
	i := out.SlackIdentity
	if i == nil {
		return nil, nil
	}
	return &person{LinkID: i.ID, Status: i.Status, Why: i.WaitsBecause, ID: i.User.ID, Name: i.User.Name, Role: i.User.Role}, nil
}

// startLink makes a link to sign in with.
func (g *server) startLink(ctx context.Context, workspaceID, slackUserID, name, email string) (offer, error) {
	out, err := startLink(ctx, g, StartSlackLinkInput{WorkspaceID: workspaceID, SlackUserID: slackUserID, SlackName: name, SlackEmail: email})
	if err != nil {
		return offer{}, err
	}
	return out.StartSlackLink, client.UserErrors(out.StartSlackLink.UserErrors).Err()
}

func (g *server) removeLink(ctx context.Context, linkID string) error {
	out, err := removeLink(ctx, g, RemoveSlackLinkInput{LinkID: linkID})
	if err != nil {
		return err
	}
	return client.UserErrors(out.RemoveSlackLink.UserErrors).Err()
}
