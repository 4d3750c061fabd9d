package graph_test

import (
	"fmt"
	"testing"

	"procyon/access"
)

// What policies name is told before it is removed; afterwards, by whomever it was removed,
// administrators hear which policy refuses for that.
func TestWhatPoliciesNameIsRemoved(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	g, err := b.CreateGroup(t.Context(), access.System(), access.NewGroup{Name: "Deciders", Source: access.SourceSCIM, ExternalID: "1"})
	b.must(err)
	b.setPolicies(ada, 0, object{"policies": []object{
		{"name": "Servers", "who": object{"everyone": true}, "what": object{"kinds": []string{"PRIVATE_SERVER"}}, "maxDuration": "PT1H", "steps": []object{{"need": 1, "groupIds": []string{g.ID}}}},
		everything(administrators()),
	}})
	naming := func(id string) string {
		t.Helper()
		r := b.do(ada, `query($id: ID!) { policiesNaming(id: $id) }`, object{"id": id})
		return fmt.Sprint(r.Data["policiesNaming"], r.Errors)
	}
	if got := naming(g.ID) + naming(b.server.ID); got != "[Servers] [][] []" {
		t.Errorf("before: %s", got)
	}
	b.wantProblems()
	b.must(b.DeleteGroup(t.Context(), access.System(), access.SourceSCIM, g.ID, nil))
	b.wantProblems("POLICY_BROKEN The policy “Servers” names what was removed (“Deciders”), and refuses everything that it is for." +
		" / Take it out of the policy, or remove the policy. / policies")
}
