package app

import (
	"slices"
	"testing"

	"procyon/graph"
	"procyon/integration"
	"procyon/internal/slackapi"
)

// The schema and the table know the same kinds, and each has a worker that sends to it.
func TestKindsAreTheSchemas(t *testing.T) {
	var schema, table []string
	for _, k := range graph.AllIntegrationKind {
		schema = append(schema, string(k))
	}
	for _, k := range kinds(slackapi.HostPolicy{}) {
		table = append(table, k.Name)
	}
	slices.Sort(schema)
	slices.Sort(table)
	if !slices.Equal(schema, table) || len(slices.Compact(slices.Clone(table))) != len(table) {
		t.Errorf("the schema has the kinds %v, the table %v", schema, table)
	}
	sent := 0
	for _, worker := range WorkerNames() {
		o := openOutlets(worker, surroundings{})
		sent += len(o.channels)
		o.close()
	}
	if sent != len(table) {
		t.Errorf("%d of %d kinds are sent to", sent, len(table))
	}
}

// What the stored integrations keep encrypted is a secret, and nothing else is.
func TestKindsFitTheStore(t *testing.T) {
	known := []string{integration.WebhookURL, integration.SlackWorkspace, integration.SlackChannel}
	for _, k := range kinds(slackapi.HostPolicy{}) {
		for _, f := range k.Destination {
			if !slices.Contains(known, f.Name) || f.Secret != (f.Name == integration.WebhookURL) || f.Secret != (f.Mask != nil) {
				t.Errorf("%s: the field %+v can't be kept", k.Name, f)
			}
		}
		if k.Has(integration.SlackWorkspace) != k.Has(integration.SlackChannel) {
			t.Errorf("%s has one half of a channel", k.Name)
		}
	}
}
