package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"procyon/access"
)

// everything is the last policy of a set, as the API takes it.
func everything(steps ...object) object {
	if steps == nil {
		steps = []object{}
	}
	return object{"name": "Everything else", "who": object{"everyone": true}, "what": object{}, "maxDuration": "PT8H", "steps": steps}
}

func administrators() object { return object{"need": 1, "administrators": true} }

const tracksQuery = `query($id: ID!) { accessRequest(id: $id) { version status viewerCanReview viewerCanReviewItems approvers
	tracks { policyName resourceIds refusedBecause steps { need status lacking approvedBy approvers { name by } } } } }`

// tracks says in short how a request stands for somebody.
func (b *bed) tracks(who caller, id string) string {
	b.t.Helper()
	r := b.do(who, tracksQuery, object{"id": id})
	if len(r.Errors) > 0 {
		b.t.Fatal(r.Errors)
	}
	v := r.Data["accessRequest"].(object)
	var out []string
	for _, t := range v["tracks"].([]any) {
		t := t.(object)
		words := fmt.Sprint(t["policyName"], len(t["resourceIds"].([]any)))
		for _, s := range t["steps"].([]any) {
			s := s.(object)
			words += fmt.Sprintf(" [%v %v -%v by%v", s["need"], s["status"], s["lacking"], s["approvedBy"])
			if s["approvers"] == nil {
				words += " hidden"
			} else {
				for _, a := range s["approvers"].([]any) {
					words += fmt.Sprint(" ", a.(object)["name"], "/", a.(object)["by"])
				}
			}
			words += "]"
		}
		out = append(out, words)
	}
	return fmt.Sprintf("%v %v decides:%v asked:%v %s", v["status"], v["version"], len(v["viewerCanReviewItems"].([]any)), v["approvers"], strings.Join(out, "; "))
}

// setPolicies saves policies, and returns the version and what is wrong with them.
func (b *bed) setPolicies(who caller, version int, set object, more ...any) string {
	b.t.Helper()
	in := object{"expectedVersion": version, "set": set}
	for i := 0; i < len(more); i += 2 {
		in[more[i].(string)] = more[i+1]
	}
	out := b.mutation(who, "setPolicies", "policySet { version policies { policyId name } } warnings { field }", in)
	return fmt.Sprint(said(out), out["policySet"], out["warnings"])
}

// A set of policies is saved whole, at the version that was seen, by administrators alone;
// what is wrong is said at its field.
func TestPoliciesAreSavedWhole(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	first := b.do(ada, `{ policySet { version changedAt guardrails { name } policies { policyId name maxDuration who { everyone } steps { need administrators } } } }`, nil)
	if got := fmt.Sprint(first.Data["policySet"]); got != "map[changedAt:<nil> guardrails:[] policies:[map[maxDuration:PT8H name:Everything else policyId:pol_default steps:[map[administrators:true need:1]] who:map[everyone:true]]] version:0]" {
		t.Errorf("at first: %s", got)
	}
	good := object{"policies": []object{everything(administrators())}}
	for name, c := range map[string]struct {
		set  object
		want string
	}{
		"none":                  {object{"policies": []object{}}, "set.policies"},
		"no last one":           {object{"policies": []object{{"name": "db", "who": object{"everyone": true}, "what": object{"kinds": []string{"DATABASE"}}, "maxDuration": "PT1H", "steps": []object{administrators()}}}}, "set.policies.0"},
		"an unknown group":      {object{"policies": []object{{"name": "x", "who": object{"groupIds": []string{"grp_none"}}, "what": object{}, "maxDuration": "PT1H", "steps": []object{administrators()}}, everything()}}, "set.policies.0.who.groupIds.0"},
		"a step of nobody":      {object{"policies": []object{everything(object{"need": 1})}}, "set.policies.0.steps.0"},
		"more than there are":   {object{"policies": []object{everything(object{"need": 2, "userIds": []string{b.eve.ID}})}}, "set.policies.0.steps.0.need"},
		"no longest":            {object{"policies": []object{{"name": "x", "who": object{"everyone": true}, "what": object{}}}}, "set.policies.0.maxDuration"},
		"a guardrail of naught": {object{"guardrails": []object{{"name": "g", "what": object{}}}, "policies": []object{everything(administrators())}}, "set.guardrails.0"},
		"one behind all":        {object{"policies": []object{everything(administrators()), everything(administrators())}}, "set.policies.1"},
	} {
		if got := b.userErrors(ada, "setPolicies", object{"expectedVersion": 0, "set": c.set}); !strings.HasPrefix(got, "INVALID "+c.want) {
			t.Errorf("%s: %q, want INVALID %s", name, got, c.want)
		}
	}
	if got := b.setPolicies(ada, 0, good, "dryRun", true); got != "<nil> []" {
		t.Errorf("tried: %s", got)
	}
	if got := b.setPolicies(ada, 0, good); !strings.Contains(got, "version:1") {
		t.Errorf("saved: %s", got)
	}
	if got := b.userErrors(ada, "setPolicies", object{"expectedVersion": 0, "set": good}); got != "CONFLICT expectedVersion" {
		t.Errorf("saved by somebody who saw another version: %s", got)
	}
	for name, who := range map[string]caller{"a member": session(b.dev), "a service": service("admin")} {
		r := b.do(who, `mutation($i: SetPoliciesInput!) { setPolicies(input: $i) { userErrors { code } } }`, object{"i": object{"expectedVersion": 1, "set": good}})
		if r.codes() != "FORBIDDEN" {
			t.Errorf("by %s: %v %v", name, r.Data, r.Errors)
		}
	}
}

// Two items under two policies: each is decided by its own approvers, in its own steps, and
// the whole is approved when both are.
func TestEachItemIsDecidedByItself(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	flo, err := b.CreateUser(t.Context(), access.System(), access.NewUser{Name: "Flo", Email: "flo@example.com"})
	b.must(err)
	b.ok(ada, "setOwners", object{"accountId": b.account.ID, "ownerIds": []string{b.eve.ID}})
	if got := b.setPolicies(ada, 0, object{"policies": []object{
		{"name": "Production", "who": object{"everyone": true}, "what": object{"accountIds": []string{b.account.ID}}, "maxDuration": "PT2H", "steps": []object{{"need": 1, "owners": true}, {"need": 1, "administrators": true}}},
		{"name": "Servers", "who": object{"everyone": true}, "what": object{"kinds": []string{"PRIVATE_SERVER"}}, "maxDuration": "PT4H", "hideApprovers": true, "steps": []object{{"need": 1, "userIds": []string{flo.ID}}}},
		everything(administrators()),
	}}); !strings.Contains(got, "version:1") {
		t.Fatal(got)
	}
	ask := object{"items": []object{{"resourceId": b.db.ID, "role": "reader"}, {"resourceId": b.server.ID}}, "duration": "PT3H", "reason": "a reason that is long enough", "idempotencyKey": "k"}
	if got := b.userErrors(session(b.dev), "createAccessRequest", ask); !strings.HasPrefix(got, "INVALID duration") {
		t.Errorf("asked for more than one of the policies allows: %q", got)
	}
	b.pass(25 * time.Hour) // the owner was made one by an administrator who decides, too
	ask["duration"], ask["idempotencyKey"] = "PT1H", "k2"
	id := b.mutation(session(b.dev), "createAccessRequest", "accessRequest { id }", ask)["accessRequest"].(object)["id"].(string)
	if got, want := b.tracks(session(b.dev), id), "PENDING 1 decides:0 asked:[] Production1 [1 PRESENT -1 by[] Eve/OWNER] [1 LATER -0 by[] <nil>/NAME]; Servers1 [1 PRESENT -1 by[] hidden]"; got != want {
		t.Errorf("who asks sees\n%s\nwant\n%s", got, want)
	}
	if got, want := b.tracks(session(flo), id), "PENDING 1 decides:1 asked:[Eve Flo] Production1 [1 PRESENT -1 by[] Eve/OWNER] [1 LATER -0 by[] <nil>/NAME]; Servers1 [1 PRESENT -1 by[] Flo/NAME]"; got != want {
		t.Errorf("an approver sees\n%s\nwant\n%s", got, want)
	}
	review := func(who access.User, more ...any) string {
		t.Helper()
		v, err := b.Request(t.Context(), id)
		b.must(err)
		in := object{"requestId": id, "decision": "APPROVE", "subject": "REQUEST", "expectedVersion": int(v.Version())}
		for i := 0; i < len(more); i += 2 {
			in[more[i].(string)] = more[i+1]
		}
		return b.userErrors(session(who), "reviewAccessRequest", in)
	}
	if got := review(b.ada); !strings.HasPrefix(got, "FORBIDDEN requestId") {
		t.Errorf("the second step before the first: %q", got)
	}
	if got := review(flo, "withoutResourceIds", []string{b.db.ID}); !strings.HasPrefix(got, "INVALID withoutResourceIds.0") {
		t.Errorf("left out what somebody else decides: %q", got)
	}
	if got := review(flo, "resourceIds", []string{b.db.ID}); !strings.HasPrefix(got, "CONFLICT resourceIds") {
		t.Errorf("was shown what somebody else decides: %q", got)
	}
	for _, who := range []access.User{b.eve, flo} {
		if got := review(who, "resourceIds", []string{b.db.ID, b.server.ID}); got != "" {
			t.Fatalf("%s: %q", who.Name, got)
		}
	}
	if got := review(flo); !strings.HasPrefix(got, "CONFLICT") {
		t.Errorf("twice: %q", got)
	}
	if got, want := b.tracks(ada, id), "PENDING 1 decides:1 asked:[Ada Bo] Production1 [1 MET -0 by[Eve] Eve/OWNER] [1 PRESENT -1 by[] <nil>/NAME]; Servers1 [1 MET -0 by[Flo] Flo/NAME]"; got != want {
		t.Errorf("before the last step\n%s\nwant\n%s", got, want)
	}
	if got := review(b.bo); got != "" {
		t.Fatal(got)
	}
	v, err := b.Request(t.Context(), id)
	b.must(err)
	if v.Status != access.StatusApproved || len(v.Reviews) != 3 {
		t.Errorf("it is %s after %d reviews", v.Status, len(v.Reviews))
	}
}

// What governs a request that waits is that of now: whoever reviews what changed is told,
// and what was reviewed for another reason stands no more.
func TestPoliciesThatChangeWhileARequestWaits(t *testing.T) {
	b := newBed(t)
	ada, two := session(b.ada), object{"need": 2, "administrators": true}
	if got := b.setPolicies(ada, 0, object{"policies": []object{everything(two)}}); !strings.Contains(got, "version:1") {
		t.Fatal(got)
	}
	id := b.create()
	review := func(who access.User, version int) string {
		return b.userErrors(session(who), "reviewAccessRequest", object{"requestId": id, "decision": "APPROVE", "subject": "REQUEST", "expectedVersion": version})
	}
	if got := review(b.bo, 1); got != "" {
		t.Fatal(got)
	}
	set := object{"policies": []object{{"policyId": "pol_default", "name": "Everything else", "who": object{"everyone": true}, "what": object{}, "maxDuration": "PT8H",
		"steps": []object{{"need": 1, "userIds": []string{b.eve.ID}}, {"need": 1, "administrators": true}}}}}
	if got := b.setPolicies(ada, 1, set); !strings.Contains(got, "version:2") {
		t.Fatal(got)
	}
	if got := review(b.ada, 1); !strings.HasPrefix(got, "CONFLICT expectedVersion") {
		t.Errorf("by what it saw of the policies before: %q", got)
	}
	v, err := b.Request(t.Context(), id)
	b.must(err)
	if v.Status != access.StatusPending || len(v.Reviews) > 0 || v.Version() != 2 {
		t.Errorf("it is %s, version %d, with %d reviews", v.Status, v.Version(), len(v.Reviews))
	}
	if got := review(b.ada, 2); !strings.HasPrefix(got, "FORBIDDEN") {
		t.Errorf("a step that is still to come: %q", got)
	}
	if got := review(b.eve, 2); got != "" {
		t.Errorf("the first step: %q", got)
	}
}

// What is explained beforehand is what asking leads to.
func TestAccessIsExplainedBeforehand(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	if got := b.setPolicies(ada, 0, object{
		"guardrails": []object{{"name": "No writers", "what": object{"roles": []string{"writer"}}, "refuse": "Nobody writes there by hand."}},
		"policies": []object{
			{"name": "Servers", "who": object{"everyone": true}, "what": object{"kinds": []string{"PRIVATE_SERVER"}}, "maxDuration": "PT30M", "ticketNeeded": true, "ticketPattern": "OPS-[0-9]+", "ticketExample": "OPS-1", "minReasonLength": 20},
			everything(administrators()),
		},
	}); !strings.Contains(got, "version:1") {
		t.Fatal(got)
	}
	explain := func(who caller, in string) string {
		r := b.do(who, `{ explainAccess(input: {`+in+`}) { tracks { policyName } refusal { field message } maxDuration minReasonLength ticketNeeded ticketExamples approvedAtOnce approvers } }`, nil)
		if len(r.Errors) > 0 {
			return r.codes()
		}
		return fmt.Sprint(r.Data["explainAccess"])
	}
	server, writer := fmt.Sprintf(`items: [{resourceId: %q}]`, b.server.ID), fmt.Sprintf(`items: [{resourceId: %q, role: "writer"}]`, b.db.ID)
	for _, c := range []struct{ in, want string }{
		{writer, "refusal:map[field:items.0 message:db as writer can't be asked for: Nobody writes there by hand (No writers)]"},
		{server, "refusal:map[field:reason message:Say why, in at least 20 characters.]"},
		{server + ` reason: "to look at the logs of the night"`, "refusal:map[field:ticket message:This needs a ticket, such as OPS-1.]"},
		{server + ` reason: "to look at the logs of the night" ticket: "X"`, "refusal:map[field:ticket"},
		{server + ` reason: "to look at the logs of the night" ticket: "OPS-7"`, "approvedAtOnce:true approvers:[] maxDuration:PT30M minReasonLength:20 refusal:<nil> ticketExamples:[OPS-1] ticketNeeded:true"},
		{server + ` reason: "to look at the logs of the night" ticket: "OPS-7" duration: "PT1H"`, "refusal:map[field:duration"},
	} {
		if got := explain(session(b.dev), c.in); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s\nwant %s", c.in, got, c.want)
		}
	}
	if got := explain(session(b.dev), server+fmt.Sprintf(` forUserId: %q`, b.eve.ID)); got != "FORBIDDEN" {
		t.Errorf("for another: %s", got)
	}
	if got := explain(ada, server+fmt.Sprintf(` forUserId: %q`, b.eve.ID)); !strings.Contains(got, "policyName:Servers") {
		t.Errorf("for another, by an administrator: %s", got)
	}
	out := b.mutation(session(b.dev), "createAccessRequest", "accessRequest { status grant { expiresAt } reviews { decision } }", object{
		"items": []object{{"resourceId": b.server.ID}}, "duration": "PT30M", "reason": "to look at the logs of the night", "ticket": "OPS-7", "idempotencyKey": "k"})
	if got := fmt.Sprint(said(out), out["accessRequest"]); got != "map[grant:map[expiresAt:2026-11-23T10:30:00Z] reviews:[] status:APPROVED]" {
		t.Errorf("what nobody has to approve: %s", got)
	}
}

// What time does to a step is saved and read as it was given, and told of what waits.
func TestWhatTimeDoesToSteps(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	step := administrators()
	step["remindEvery"], step["endAfter"] = "PT30M", "PT3H"
	step["escalation"] = object{"after": "PT2H", "userIds": []string{b.eve.ID}}
	b.setPolicies(ada, 0, object{"policies": []object{everything(step)}})
	read := b.do(ada, `{ policySet { policies { steps { remindEvery endAfter escalation { after users { name } groups { name } administrators owners manager } } } } }`, nil)
	if got := fmt.Sprint(read.Data["policySet"]); got != "map[policies:[map[steps:[map[endAfter:PT3H escalation:map[administrators:false after:PT2H groups:[] manager:false owners:false users:[map[name:Eve]]] remindEvery:PT30M]]]]]" {
		t.Errorf("it reads %s", got)
	}
	for name, c := range map[string]struct {
		change object
		field  string
	}{
		"more often than is allowed":   {object{"remindEvery": "PT1M"}, "set.policies.0.steps.0.remindEvery"},
		"an escalation after the end":  {object{"endAfter": "PT1H"}, "set.policies.0.steps.0.escalation.after"},
		"an escalation to nobody":      {object{"escalation": object{"after": "PT1H"}}, "set.policies.0.steps.0.escalation"},
		"one to somebody who is not":   {object{"escalation": object{"after": "PT1H", "userIds": []string{"usr_x"}}}, "set.policies.0.steps.0.escalation.userIds.0"},
		"one that names far too many":  {object{"escalation": object{"after": "PT1H", "groupIds": strings.Split(strings.Repeat("grp_x,", 50)+"grp_x", ",")}}, "set.policies.0.steps.0.escalation.groupIds"},
		"one that comes with the wish": {object{"escalation": object{"after": "PT0S", "owners": true}}, "set.policies.0.steps.0.escalation.after"},
	} {
		wrong := object{"need": 1, "administrators": true, "endAfter": step["endAfter"], "escalation": step["escalation"]}
		for k, v := range c.change {
			wrong[k] = v
		}
		if got := b.userErrors(ada, "setPolicies", object{"expectedVersion": 1, "set": object{"policies": []object{everything(wrong)}}}); !strings.HasPrefix(got, "INVALID "+c.field) {
			t.Errorf("%s: %q, want INVALID %s", name, got, c.field)
		}
	}
	b.pass(25 * time.Hour)
	id := b.create()
	times := func() string {
		r := b.do(ada, `query($id: ID!) { accessRequest(id: $id) { createdAt decideBy tracks { steps { escalated escalatesAt endsAt approvers { name } } } } }`, object{"id": id}).Data["accessRequest"].(object)
		made, err := time.Parse(time.RFC3339, r["createdAt"].(string))
		b.must(err)
		s := r["tracks"].([]any)[0].(object)["steps"].([]any)[0].(object)
		out := fmt.Sprint(s["escalated"], len(s["approvers"].([]any)))
		for _, at := range []any{s["escalatesAt"], s["endsAt"], r["decideBy"]} {
			if at == nil {
				out += " -"
				continue
			}
			v, err := time.Parse(time.RFC3339, at.(string))
			b.must(err)
			out += " " + v.Sub(made).String()
		}
		return out
	}
	if got := times(); got != "false 1 2h0m0s 3h0m0s 3h0m0s" {
		t.Errorf("at first: %s", got)
	}
	seen := func() any {
		return b.do(session(b.eve), `query($id: ID!) { accessRequest(id: $id) { viewerCanReview } }`, object{"id": id}).Data["accessRequest"]
	}
	if got := seen(); got != nil {
		t.Errorf("who may approve it later sees %v", got)
	}
	b.tick(2 * time.Hour)
	if got := times(); got != "true 2 - 3h0m0s 3h0m0s" {
		t.Errorf("escalated: %s", got)
	}
	if got := fmt.Sprint(seen()); got != "map[viewerCanReview:true]" {
		t.Errorf("who may approve it now sees %s", got)
	}
	if got := b.story(id); got != "CREATED ESCALATED REMINDED" {
		t.Errorf("it told %s", got)
	}
	b.tick(time.Hour)
	if got := b.story(id); got != "CREATED ESCALATED REMINDED TIMED_OUT" {
		t.Errorf("it told %s", got)
	}
}

// A guardrail that wants a sign-in of late is read as it was given, and told to who can decide.
func TestASignInOfLate(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	b.setPolicies(ada, 0, object{
		"guardrails": []object{{"name": "Touchy", "what": object{}, "signInWithin": "PT15M"}}, "policies": []object{everything(administrators())},
	})
	read := b.do(ada, `{ policySet { guardrails { signInWithin approveInConsole } } }`, nil)
	if got := fmt.Sprint(read.Data["policySet"]); got != "map[guardrails:[map[approveInConsole:false signInWithin:PT15M]]]" {
		t.Errorf("it reads %s", got)
	}
	b.pass(25 * time.Hour)
	id := b.create()
	for who, want := range map[string]string{"ada": "true", "dev": "false"} {
		as := map[string]caller{"ada": ada, "dev": session(b.dev)}[who]
		r := b.do(as, `query($id: ID!) { accessRequest(id: $id) { approveInConsole viewerSignsInToApprove tracks { signInWithin } } }`, object{"id": id})
		if got := fmt.Sprint(r.Data["accessRequest"]); got != "map[approveInConsole:true tracks:[map[signInWithin:PT15M]] viewerSignsInToApprove:"+want+"]" {
			t.Errorf("%s sees %s", who, got)
		}
	}
	if got := b.userErrors(ada, "reviewAccessRequest", object{"requestId": id, "decision": "APPROVE"}); !strings.HasPrefix(got, "FORBIDDEN requestId") {
		t.Errorf("approved by a sign-in of nobody knows when: %q", got)
	}
}

// A draft is explained as it would hold if who brings it had saved it: what they let themselves
// have asks for somebody else within a day.
func TestADraftIsExplainedAsIfItWereSaved(t *testing.T) {
	b := newBed(t)
	last := everything(administrators())
	last["policyId"] = "pol_default"
	b.setPolicies(session(b.bo), 0, object{"policies": []object{last}})
	b.pass(25 * time.Hour)
	free := object{"name": "Servers", "who": object{"everyone": true}, "what": object{"kinds": []string{"PRIVATE_SERVER"}}, "maxDuration": "PT1H"}
	explain := func(who caller, forUser string, draft object) string {
		t.Helper()
		in := object{"items": []object{{"resourceId": b.server.ID}}, "reason": "to look at the logs of the night", "forUserId": forUser}
		if draft != nil {
			in["draft"] = draft
		}
		r := b.do(who, `query($i: ExplainAccessInput!) { explainAccess(input: $i) { approvedAtOnce tracks { policyName steps { name } } } }`, object{"i": in})
		return fmt.Sprint(r.Data["explainAccess"], r.codes())
	}
	draft := object{"policies": []object{free, last}}
	for what, c := range map[string]struct{ got, want string }{
		"for another":      {explain(session(b.ada), b.dev.ID, draft), "map[approvedAtOnce:true tracks:[map[policyName:Servers steps:[]]]]"},
		"for oneself":      {explain(session(b.ada), b.ada.ID, draft), "map[approvedAtOnce:false tracks:[map[policyName:Servers steps:[map[name:Who asks changed what allows this within a day]]]]]"},
		"what is in force": {explain(session(b.ada), b.dev.ID, object{"policies": []object{last}}), explain(session(b.ada), b.dev.ID, nil)},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", what, c.got, c.want)
		}
	}
}
