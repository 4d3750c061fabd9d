package main

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"procyon/access"
	"procyon/slackworkspace"
	"procyon/store"
	"procyon/store/sqlite"
)

// slackStore is what fillSlack made.
type slackStore struct {
	team      string // the workspace's ID at Slack
	people    []access.Actor
	resources []string
	open      []string // requests
}

func slackUserID(i int) string { return fmt.Sprintf("U0P%05d", i) }

func keysOf[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// fillSlack makes people who are linked to Slack, resources and open requests in the
// store of a server that does not run, by the product's own code.
func fillSlack(ctx context.Context, path string, resources, people int) (slackStore, error) {
	var out slackStore
	anywhere := func(string) error { return nil }
	err := inStore(ctx, path, func(subjects *access.Subjects, db *sqlite.Store) error {
		service := access.New(subjects, access.Options{
			DecideIn: 24 * time.Hour, MaxOpen: -1, MaxPerHour: -1,
		})
		return out.fill(ctx, service, slackworkspace.New(subjects, db, nil, anywhere), resources, people)
	})
	return out, err
}

func (s *slackStore) fill(ctx context.Context, service *access.Service, slack *slackworkspace.Service, resources, people int) error {
	list, err := slack.Workspaces(ctx, store.Page{First: 1})
	if err != nil || len(list.Docs) == 0 {
		return fmt.Errorf("the app is installed nowhere: %w", err)
	}
	w, err := access.Decode[slackworkspace.Workspace](list.Docs[0])
	if err != nil {
		return err
	}
	if w.Waiting {
		if _, err := slack.Accept(ctx, access.System(), w.ID, w.InstalledAt); err != nil {
			return err
		}
	}
	s.team = w.SlackID
	s.people = make([]access.Actor, people)
	err = abreast(ctx, people, func(ctx context.Context, i int) error {
		name := slackName(i)
		u, err := service.CreateUser(ctx, access.System(), access.NewUser{Email: name + "@example.com", Name: "Person " + name, Admin: i < slackApprovers})
		if err != nil {
			return err
		}
		s.people[i] = access.Actor{Kind: access.ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Admin: u.Admin, Via: access.ViaConsole}
		_, err = slack.Link(ctx, s.people[i], slackworkspace.NewLink{WorkspaceID: w.ID, SlackUserID: slackUserID(i), SlackName: u.Name, SlackEmail: u.Email})
		return err
	})
	if err != nil {
		return err
	}
	s.resources = make([]string, resources)
	err = abreast(ctx, resources, func(ctx context.Context, i int) error {
		kinds := []string{"orders-db", "billing-db", "cluster", "grafana", "bastion"}
		made, err := service.CreateResource(ctx, s.people[0], access.NewResource{
			Name: fmt.Sprintf("%s-%d", kinds[i%len(kinds)], i), Kind: access.ResourcePrivateServer, Roles: strings.Fields("reader writer")[:i%3/2*2],
		})
		s.resources[i] = made.ID
		return err
	})
	if err != nil {
		return err
	}
	s.open = make([]string, slackOpen)
	return abreast(ctx, slackOpen, func(ctx context.Context, i int) error {
		made, err := service.CreateRequest(ctx, s.people[slackApprovers+i%(people-slackApprovers)], access.NewRequest{
			Items: []access.ItemRef{{ResourceID: s.resources[i*3%(resources/3*3)]}}, Duration: 3600, Reason: fmt.Sprintf("incident %d", i),
		})
		s.open[i] = made.ID
		return err
	})
}

// abreast does n things, many at a time, so that they are written together.
func abreast(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(256)
	for i := range n {
		group.Go(func() error { return f(ctx, i) })
	}
	return group.Wait()
}
