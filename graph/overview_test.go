package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"procyon/auth"
)

const overviewFields = `{
	at from timeZone
	pending { from before count }
	requests {
		countedUpTo made approved denied timedOut medianToDecide p90ToDecide
		days { date begins made approved denied timedOut medianToDecide p90ToDecide }
		busiestResources { resourceId name requests resource { id } }
	}
	deliveries { delivered dead waiting integrations { integration { id } delivered dead waiting } }
}`

func (b *bed) overview(days int, zone string) object {
	b.t.Helper()
	r := b.do(session(b.ada), `query($days: Int!, $zone: String!) { overview(days: $days, timeZone: $zone) `+overviewFields+` }`, object{"days": days, "zone": zone})
	if len(r.Errors) > 0 {
		b.t.Fatal(r.Errors)
	}
	return r.Data["overview"].(object)
}

func (b *bed) review(id, decision string) {
	b.t.Helper()
	b.ok(session(b.ada), "reviewAccessRequest", object{"requestId": id, "expectedVersion": 1, "subject": "REQUEST", "decision": decision, "comment": "x"})
}

// The numbers of the overview are those of the lists.
func TestOverview(t *testing.T) {
	b := newBed(t) // on 23 November at 10:00
	ada, worker := session(b.ada), service(auth.ScopeDeliveriesWrite)
	b.ok(ada, "setIntegrationAccounts", object{"integrationId": b.integration.ID, "accountIds": []string{b.account.ID}})

	b.pass(8*time.Hour + 20*time.Minute) // 18:20, in Kathmandu 00:05 of the next day
	first := b.create()
	b.pass(4 * time.Minute)
	b.review(first, "APPROVE")
	b.pass(40 * time.Hour) // 10:24 on the 25th
	second := b.create()
	b.pass(90 * time.Minute)
	b.review(second, "DENY")
	told := func() {
		b.ok(worker, "acquireConsumer", object{"name": "notifier", "holder": "h", "ttl": "PT5M"})
		b.create()
		b.plan()
	}
	told()
	b.pass(2 * time.Hour)
	told()
	told()
	b.pass(30 * time.Minute)
	told()
	b.pass(10 * time.Minute)

	b.ok(worker, "acquireConsumer", object{"name": "notifier", "holder": "h", "ttl": "PT5M"})
	for _, outcome := range []string{"DELIVERED", "DELIVERED", "DEAD"} {
		_, id, version := b.nextOwed()
		b.outcome(id, outcome, version)
	}

	got := b.overview(7, "Asia/Kathmandu")
	numbers := got["requests"].(object)
	var days []string
	for _, d := range numbers["days"].([]any) {
		d := d.(object)
		days = append(days, fmt.Sprint(d["date"], " ", d["made"], d["approved"], d["denied"], d["timedOut"], " ", d["medianToDecide"], " ", d["p90ToDecide"]))
	}
	want := strings.Join([]string{
		"2026-11-19 0 0 0 0 <nil> <nil>", "2026-11-20 0 0 0 0 <nil> <nil>", "2026-11-21 0 0 0 0 <nil> <nil>", "2026-11-22 0 0 0 0 <nil> <nil>", "2026-11-23 0 0 0 0 <nil> <nil>",
		"2026-11-24 1 1 0 0 PT4M5S PT4M5S", "2026-11-25 5 0 1 0 PT1H32M27S PT1H32M27S",
	}, "\n")
	if g := strings.Join(days, "\n"); g != want {
		t.Errorf("days:\n%s\nwant:\n%s", g, want)
	}
	if g := fmt.Sprint(numbers["made"], numbers["approved"], numbers["denied"], numbers["timedOut"], numbers["medianToDecide"], numbers["p90ToDecide"], numbers["countedUpTo"]); g != "6 1 1 0PT4M5SPT1H32M27S<nil>" {
		t.Error(g)
	}
	if g := fmt.Sprint(numbers["busiestResources"]); g != fmt.Sprintf("[map[name:db requests:6 resource:map[id:%s] resourceId:%[1]s]]", b.db.ID) {
		t.Error(g)
	}

	// Each age is a filter that lists as many.
	var ages []string
	for _, a := range got["pending"].([]any) {
		a := a.(object)
		ages = append(ages, fmt.Sprint(a["count"]))
		within := object{}
		if a["from"] != nil {
			within["from"] = a["from"]
		}
		if a["before"] != nil {
			within["to"] = a["before"]
		}
		r := b.do(ada, `query($f: AccessRequestFilter) { accessRequests(filter: $f) { nodes { id } } }`, object{"f": object{"status": "PENDING", "createdAt": within}})
		if n := len(r.Data["accessRequests"].(object)["nodes"].([]any)); fmt.Sprint(n) != fmt.Sprint(a["count"]) {
			t.Errorf("%v: %d are listed, %v", a, n, r.Errors)
		}
	}
	if g := strings.Join(ages, " "); g != "1 2 1 0" {
		t.Errorf("ages: %s", g)
	}

	// So are deliveries.
	listed := func(status string, integration any, from any) int {
		f := object{"status": status}
		if integration != nil {
			f["integrationId"] = integration
		}
		if from != nil {
			f["owedAt"] = object{"from": from}
		}
		r := b.do(ada, `query($f: DeliveryFilter) { deliveries(filter: $f, first: 100) { nodes { id } } }`, object{"f": f})
		return len(r.Data["deliveries"].(object)["nodes"].([]any))
	}
	sent := got["deliveries"].(object)
	for _, one := range append(sent["integrations"].([]any), sent) {
		one := one.(object)
		var id any
		if i, ok := one["integration"].(object); ok {
			id = i["id"]
		}
		g := fmt.Sprint(one["delivered"], one["dead"], one["waiting"])
		if w := fmt.Sprint(listed("DELIVERED", id, got["from"]), listed("DEAD", id, got["from"]), listed("PENDING", id, nil)); g != w || !strings.HasPrefix(g, "2 1 ") {
			t.Errorf("%v: %s; %s are listed", id, g, w)
		}
	}

	// What is redelivered is counted where it is listed, also of what was settled.
	b.pass(30 * time.Hour)
	settled := func(when, want string) {
		t.Helper()
		d := b.overview(7, "Asia/Kathmandu")["deliveries"].(object)
		if g := fmt.Sprint(d["delivered"], " ", d["dead"], " ", d["waiting"]); g != want {
			t.Errorf("%s: %s", when, g)
		}
	}
	settled("a day later", "2 1 1")
	again := b.do(ada, `{ deliveries(filter: {status: [DELIVERED]}, first: 1) { nodes { id } } }`, nil).Data["deliveries"].(object)["nodes"].([]any)[0].(object)["id"]
	b.ok(ada, "redeliver", object{"deliveryId": again})
	b.pass(10 * time.Minute)
	settled("once it is counted anew", "1 1 2")
	b.pass(-30*time.Hour - 10*time.Minute)

	// The same days where they begin elsewhere; and a day alone.
	if g := fmt.Sprint(b.overview(2, "UTC")["requests"].(object)["made"]); g != "5" {
		t.Error(g)
	}
	b.pass(14 * time.Hour)
	if got := b.overview(1, "UTC"); fmt.Sprint(got["requests"].(object)["made"]) != "0" || fmt.Sprint(got["deliveries"].(object)["delivered"]) != "0" || fmt.Sprint(got["deliveries"].(object)["waiting"]) == "0" {
		t.Error(got)
	}
	b.ok(ada, "deleteResource", object{"resourceId": b.db.ID, "endOpenRequests": true})
	if g := fmt.Sprint(b.overview(90, "America/St_Johns")["requests"].(object)["busiestResources"]); g != fmt.Sprintf("[map[name:db requests:6 resource:<nil> resourceId:%s]]", b.db.ID) {
		t.Error(g)
	}
}

func TestOverviewOfWhatThereIsNot(t *testing.T) {
	b := newBed(t)
	for _, args := range []string{`days: 0`, `days: 91`, `days: -1`, `timeZone: "Middle/Earth"`, `timeZone: ""`, `timeZone: "Local"`, `timeZone: "../../etc/passwd"`} {
		if r := b.do(session(b.ada), `{ overview(`+args+`) { at } }`, nil); r.codes() != "INVALID" || r.Data["overview"] != nil {
			t.Errorf("%s: %v", args, r)
		}
	}
	if r := b.do(session(b.dev), `{ overview { at } }`, nil); r.codes() != "FORBIDDEN" {
		t.Errorf("a member is told %v", r)
	}
}
