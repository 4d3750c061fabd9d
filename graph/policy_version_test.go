package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"procyon/access"
)

const versionFields = `version comparedWith actor { name via } changeCount changes(first: 10) { words nameBefore from to edits { field label before after } }`

// saidVersion is a version in short, with each change and each edit of it.
func saidVersion(v any) string {
	o := v.(object)
	out := fmt.Sprintf("%v since %v by %v: %v", o["version"], o["comparedWith"], o["actor"].(object)["name"], o["changeCount"])
	for _, c := range o["changes"].([]any) {
		out += "\n" + c.(object)["words"].(string)
		for _, e := range c.(object)["edits"].([]any) {
			e := e.(object)
			out += fmt.Sprintf("\n  %v (%v): %v -> %v", e["label"], e["field"], e["before"], e["after"])
		}
	}
	return out
}

// Who looks a year later sees what each version changed, by whom, and what it says now of
// what is no more.
func TestTheVersionsOfThePolicies(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	if r := b.do(ada, `{ policyVersions { nodes { version } totalCount pageInfo { hasNextPage } } policyVersion(version: 1) { version } }`, nil); fmt.Sprint(r.Data) != "map[policyVersion:<nil> policyVersions:map[nodes:[] pageInfo:map[hasNextPage:false] totalCount:0]]" {
		t.Errorf("at first: %v %v", r.Data, r.Errors)
	}
	ops := b.grouped("Ops", b.eve)
	last := everything(administrators())
	last["policyId"] = "pol_default"
	db := object{"name": "Databases", "who": object{"groupIds": []string{ops}}, "what": object{"kinds": []string{"DATABASE"}}, "maxDuration": "PT2H", "steps": []object{administrators()}}
	save := func(version int, policies ...object) {
		t.Helper()
		if got := b.setPolicies(ada, version, object{"policies": policies}); !strings.Contains(got, fmt.Sprint("version:", version+1)) {
			t.Fatal(got)
		}
	}
	save(0, db, last)
	now, err := b.Policies(t.Context())
	b.must(err)
	db["policyId"], db["name"], db["ticketNeeded"], db["steps"] = now.Policies[0].ID, "Data", true, []object{{"name": "Second", "need": 2, "administrators": true, "owners": true}}
	save(1, db, last)
	save(2, last)
	group, err := b.Group(t.Context(), ops)
	b.must(err)
	b.ok(ada, "deleteGroup", object{"groupId": ops, "expectedVersion": int(group.Version)})

	r := b.do(ada, `{ policyVersions(first: 5) { nodes { `+versionFields+` } totalCount pageInfo { hasNextPage } } }`, nil)
	if len(r.Errors) > 0 {
		t.Fatal(r.Errors)
	}
	versions := r.Data["policyVersions"].(object)
	var got []string
	for _, v := range versions["nodes"].([]any) {
		got = append(got, saidVersion(v))
	}
	want := []string{`3 since 2 by Ada: 1
Removed the policy Data.
  whom it is for (who): the group Ops (removed) -> <nil>
  what it is for (what): database -> <nil>
  the longest time (maxDuration): 2 hours -> <nil>
  which tickets it takes (ticketNeeded): any -> <nil>
  who has to approve (steps): Second: 2 of the owners or the administrators -> <nil>`, `2 since 1 by Ada: 1
Edited the policy Data: its name, which was Databases, which tickets it takes and who has to approve.
  its name (name): Databases -> Data
  which tickets it takes (ticketNeeded): none is needed -> any
  who has to approve (steps): 1 of the administrators -> Second: 2 of the owners or the administrators`, `1 since 0 by Ada: 1
Added the policy Databases at place 1.
  whom it is for (who): <nil> -> the group Ops (removed)
  what it is for (what): <nil> -> database
  the longest time (maxDuration): <nil> -> 2 hours
  who has to approve (steps): <nil> -> 1 of the administrators`}
	if got, want := strings.Join(got, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if versions["totalCount"] != 3.0 && fmt.Sprint(versions["totalCount"]) != "3" {
		t.Errorf("there are %v", versions["totalCount"])
	}
	one := func(args string) string {
		r := b.do(ada, `{ policyVersion(`+args+`) { version comparedWith changes { words } set { version policies { name who { groups { name } } } } } }`, nil)
		return fmt.Sprint(r.Data["policyVersion"], r.codes())
	}
	for args, want := range map[string]string{
		"version: 2":                  "map[changes:[map[words:Edited the policy Data: its name, which was Databases, which tickets it takes and who has to approve.]] comparedWith:1 set:map[policies:[map[name:Data who:map[groups:[map[name:<nil>]]]] map[name:Everything else who:map[groups:[]]]] version:2] version:2]",
		"version: 3, comparedWith: 1": "map[changes:[map[words:Removed the policy Databases.]] comparedWith:1 set:map[policies:[map[name:Everything else who:map[groups:[]]]] version:3] version:3]",
		"version: 3, comparedWith: 0": "map[changes:[] comparedWith:0 set:map[policies:[map[name:Everything else who:map[groups:[]]]] version:3] version:3]",
		"version: 4":                  "<nil>", "version: 0": "<nil>", "version: -1": "<nil>",
		"version: 1, comparedWith: 4": "<nil>INVALID", "version: 1, comparedWith: -1": "<nil>INVALID",
	} {
		if got := one(args); got != want {
			t.Errorf("%s: %s, want %s", args, got, want)
		}
	}
	if r := b.do(ada, `{ policyVersion(version: 1) { changes(first: 101) { words } } }`, nil); r.codes() != "INVALID" {
		t.Errorf("too many changes: %v", r.Errors)
	}
}

// To save what is in force already makes no version of it.
func TestTheSamePoliciesAreNoNewVersion(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	last := everything(administrators())
	last["policyId"] = "pol_default"
	set := object{"policies": []object{last}, "guardrails": []object{{"guardrailId": "grd_1", "name": "Writers", "what": object{"roles": []string{"writer", "admin"}}, "refuse": "No."}}}
	for version, what := range []string{"at first", "again", "in another order"} {
		if got := b.setPolicies(ada, min(version, 1), set); !strings.Contains(got, "version:1") {
			t.Errorf("%s: %s", what, got)
		}
		if version == 1 {
			set["guardrails"].([]object)[0]["what"] = object{"roles": []string{"admin", "writer"}}
		}
	}
}

// Who edits one policy did not make the approvers of the others: they can approve there as
// they could before.
func TestAnEditLeavesTheApproversOfOtherPolicies(t *testing.T) {
	b := newBed(t)
	last := everything(administrators())
	last["policyId"] = "pol_default"
	last["steps"] = []object{{"need": 1, "administrators": true, "owners": true}}
	b.setPolicies(session(b.bo), 0, object{"policies": []object{last}})
	b.pass(25 * time.Hour)
	servers := object{"name": "Servers", "who": object{"everyone": true}, "what": object{"kinds": []string{"PRIVATE_SERVER"}}, "maxDuration": "PT1H", "steps": []object{administrators()}}
	b.setPolicies(session(b.ada), 1, object{"policies": []object{servers, last}})
	now, err := b.Policies(t.Context())
	b.must(err)
	for i, want := range []access.User{b.ada, b.bo} {
		if got := now.Policies[i].Steps[0].Approvers.Changed.ByID; got != want.ID {
			t.Errorf("the approvers of %s are %s's doing, want %s's", now.Policies[i].Name, got, want.Name)
		}
	}
}

// Turning the pages of the versions gives each once, newest first, either way.
func TestPagesOfVersions(t *testing.T) {
	b := newBed(t)
	for range 7 {
		b.govern()
		now, err := b.Policies(t.Context())
		b.must(err)
		set := now.Set
		set.Policies[len(set.Policies)-1].MinReason++
		_, _, err = b.SetPolicies(t.Context(), access.System(), set, access.PolicyChange{Version: now.Version})
		b.must(err)
	}
	r := b.do(session(b.ada), `{ policyVersions(first: 2) { nodes { version } } last: policyVersions(last: 2) { nodes { version } } }`, nil)
	count := b.version(access.PoliciesID)
	if got, want := fmt.Sprint(r.Data), fmt.Sprintf("map[last:map[nodes:[map[version:2] map[version:1]]] policyVersions:map[nodes:[map[version:%d] map[version:%d]]]]", count, count-1); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for size := 1; size <= 4; size++ {
		if there, back := b.turn("policyVersions", "first", "after", size), b.turn("policyVersions", "last", "before", size); len(there) != int(count) || fmt.Sprint(there) != fmt.Sprint(back) {
			t.Errorf("by %d: %d, and back %d of %d", size, len(there), len(back), count)
		}
	}
}

func (b *bed) version(id string) uint64 {
	b.t.Helper()
	n, err := b.Version(b.t.Context(), id)
	b.must(err)
	return n
}

// A rehearsal over the API: what is in force shows no difference, and what is not says what
// it would have made of whose request.
func TestPoliciesAreRehearsed(t *testing.T) {
	b := newBed(t)
	last := everything(administrators())
	last["policyId"] = "pol_default"
	b.setPolicies(session(b.bo), 0, object{"policies": []object{last}})
	id := b.create()
	rehearse := func(set object) string {
		t.Helper()
		r := b.do(session(b.ada), `query($i: RehearsePoliciesInput!) { rehearsePolicies(input: $i) { requestCount differingCount otherPolicyCount otherApproversCount differing { requestId requesterName items before after } } }`, object{"i": object{"set": set}})
		return fmt.Sprint(r.Data["rehearsePolicies"], r.codes())
	}
	if got, want := rehearse(object{"policies": []object{last}}), "map[differing:[] differingCount:0 otherApproversCount:0 otherPolicyCount:0 requestCount:1]"; got != want {
		t.Errorf("no change: %s", got)
	}
	all := object{"name": "All", "who": object{"everyone": true}, "what": object{"kinds": []string{"DATABASE"}}, "maxDuration": "PT8H", "steps": []object{{"need": 1, "userIds": []string{b.eve.ID}}, administrators()}}
	want := "map[differing:[map[after:All: 1 of Eve, then 1 of the administrators. before:Everything else: 1 of the administrators. items:[db as reader] requestId:" + id + " requesterName:Dev]] differingCount:1 otherApproversCount:1 otherPolicyCount:1 requestCount:1]"
	if got := rehearse(object{"policies": []object{all, last}}); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got := rehearse(object{"policies": []object{all}}); got != "<nil>INVALID" {
		t.Errorf("what can't be saved: %s", got)
	}
}
