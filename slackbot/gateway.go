package slackbot

import (
	"context"
	"errors"
	"time"

	"procyon/client"
)

// gateway is what the bot asks of the API by itself. What it asks for a person goes
// through as.
type gateway struct{ *client.Client }

// nobody is a person whom no gateway has.
const nobody = "usr_nobody"

// as returns the gateway as somebody sees it who was admitted and is linked. As anybody
// else it may nothing.
func (g *gateway) as(a admitted) *gateway {
	id := nobody
	if a.who != nil && a.member.ID() != "" {
		id = a.who.ID
	}
	return &gateway{g.ActFor(id)}
}

// errChanged: a record was changed by another replica.
var errChanged = errors.New("the record was changed meanwhile")

type (
	record struct {
		Key     string
		Version int
		Value   string
	}
	change struct {
		Key     string  `json:"key"`
		Version int     `json:"version"`
		Value   *string `json:"value"`
	}
)

const recordsQuery = `query Records($prefix: String!, $first: Int!, $after: String) {
  records(prefix: $prefix, first: $first, after: $after) { key version value }
}`

// records lists records by key, those after one.
func (g *gateway) records(ctx context.Context, prefix, after string, first int) ([]record, error) {
	var out struct{ Records []record }
	vars := map[string]any{"prefix": prefix, "first": first}
	if after != "" {
		vars["after"] = after
	}
	err := g.Do(ctx, recordsQuery, vars, &out)
	return out.Records, err
}

// record returns one record; its zero value has the version 0.
func (g *gateway) record(ctx context.Context, key string) (record, bool, error) {
	list, err := g.records(ctx, key, "", 1)
	if err != nil || len(list) == 0 || list[0].Key != key {
		return record{Key: key}, false, err
	}
	return list[0], true, nil
}

const putMutation = `mutation Put($input: PutRecordsInput!) {
  putRecords(input: $input) { userErrors { code field message } }
}`

// put changes records, or returns errChanged.
func (g *gateway) put(ctx context.Context, changes ...change) error {
	var out struct {
		PutRecords struct{ UserErrors client.UserErrors }
	}
	if err := g.Do(ctx, putMutation, map[string]any{"input": map[string]any{"records": changes}}, &out); err != nil {
		return err
	}
	if out.PutRecords.UserErrors.Has("CONFLICT") {
		return errChanged
	}
	return out.PutRecords.UserErrors.Err()
}

const workspaceQuery = `query Workspace($slackId: String!) { slackWorkspace(slackId: $slackId) { waiting removed } }`

// workspaceState is whether a workspace can be used.
type workspaceState struct{ Waiting, Removed bool }

// workspace tells what the gateway thinks of a workspace, nil where it knows none.
func (g *gateway) workspace(ctx context.Context, slackID string) (*workspaceState, error) {
	var out struct{ SlackWorkspace *workspaceState }
	err := g.Do(ctx, workspaceQuery, map[string]any{"slackId": slackID}, &out)
	return out.SlackWorkspace, err
}

// person is who a Slack user is here.
type person struct {
	LinkID string
	Status string // LINKED or WAITING
	Why    string // EMAIL_DIFFERS or EMAIL_HIDDEN, where it is WAITING
	ID     string
	Name   string
	Role   string
}

const identityQuery = `query Identity($slackId: String!, $user: String!) {
  slackIdentity(slackId: $slackId, slackUserId: $user) { id status waitsBecause user { id name role } }
}`

// identity returns who a Slack user is, nil where they are linked to nobody.
func (g *gateway) identity(ctx context.Context, slackID, slackUserID string) (*person, error) {
	var out struct {
		SlackIdentity *struct {
			ID, Status, WaitsBecause string
			User                     struct{ ID, Name, Role string }
		}
	}
	if err := g.Do(ctx, identityQuery, map[string]any{"slackId": slackID, "user": slackUserID}, &out); err != nil {
		return nil, err
	}
	i := out.SlackIdentity
	if i == nil {
		return nil, nil
	}
	return &person{LinkID: i.ID, Status: i.Status, Why: i.WaitsBecause, ID: i.User.ID, Name: i.User.Name, Role: i.User.Role}, nil
}

const startLinkMutation = `mutation StartLink($input: StartSlackLinkInput!) {
  startSlackLink(input: $input) { url expiresAt userErrors { code field message } }
}`

// offer is a link to sign in with.
type offer struct {
	URL       string
	ExpiresAt time.Time
}

func (g *gateway) startLink(ctx context.Context, workspaceID, slackUserID, name, email string) (offer, error) {
	var out struct {
		StartSlackLink struct {
			offer
			UserErrors client.UserErrors
		}
	}
	input := map[string]any{"workspaceId": workspaceID, "slackUserId": slackUserID, "slackName": name}
	if email != "" {
		input["slackEmail"] = email
	}
	if err := g.Do(ctx, startLinkMutation, map[string]any{"input": input}, &out); err != nil {
		return offer{}, err
	}
	return out.StartSlackLink.offer, out.StartSlackLink.UserErrors.Err()
}

const removeLinkMutation = `mutation RemoveLink($input: RemoveSlackLinkInput!) {
  removeSlackLink(input: $input) { userErrors { code field message } }
}`

func (g *gateway) removeLink(ctx context.Context, linkID string) error {
	var out struct {
		RemoveSlackLink struct{ UserErrors client.UserErrors }
	}
	err := g.Do(ctx, removeLinkMutation, map[string]any{"input": map[string]any{"linkId": linkID}}, &out)
	if err != nil {
		return err
	}
	return out.RemoveSlackLink.UserErrors.Err()
}
