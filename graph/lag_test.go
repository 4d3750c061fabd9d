package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"procyon/graph/scalar"
)

// pair are two servers of one store. The second hears of the first one's entries only
// where it looks.
type pair struct {
	t             *testing.T
	first, second *bed
	worker        caller
}

func newPair(t *testing.T) *pair {
	p := &pair{t: t, first: newBed(t), worker: service("events:read", "deliveries:write")}
	p.second = newBedOn(t, p.first.path, p.first.now())
	p.second.ada, p.second.dev = p.first.ada, p.first.dev
	p.first.ok(p.worker, "acquireConsumer", object{"name": "c", "holder": "h", "ttl": "PT1M"})
	return p
}

// lagging lets the first server write an event, of which it returns the cursor.
func (p *pair) lagging() string {
	p.t.Helper()
	p.first.create()
	if p.second.journal.Head() >= p.first.journal.Head() {
		p.t.Fatal("it does not lag")
	}
	return scalar.FormatCursor(p.first.journal.Last())
}

// takers are what takes a position: each gives the second server one that the first has
// just given out.
func (p *pair) takers() map[string]func() {
	events := p.second.streams(0)
	return map[string]func(){
		"Subscription.requestEvents after": func() {
			if _, codes := p.second.follow(events, session(p.second.ada), eventsQuery, object{"after": p.lagging()}); codes != "" {
				p.t.Error(codes)
			}
		},
		"AdvanceConsumerInput cursor": func() {
			p.second.ok(p.worker, "advanceConsumer", object{"name": "c", "epoch": 1, "cursor": p.lagging()})
		},
		"AcquireConsumerInput resetTo": func() {
			p.second.ok(p.worker, "acquireConsumer", object{"name": "reset", "holder": "h", "ttl": "PT1M", "resetTo": p.lagging()})
		},
		"PlanDeliveriesInput cursor": func() {
			p.second.ok(p.worker, "planDeliveries", object{"consumer": "c", "epoch": 1, "cursor": p.lagging(), "deliveries": []object{}})
		},
		"PlannedDeliveryInput eventCursor": func() {
			at := p.lagging()
			p.second.ok(p.worker, "planDeliveries", object{"consumer": "c", "epoch": 1, "cursor": "j0", "deliveries": []object{{"eventCursor": at, "integrationId": p.first.integration.ID}}})
		},
	}
}

// What one server gave out, another of the same store takes at once, though it has yet to
// hear of it. Whatever in the schema takes a position is tried.
func TestAServerThatLags(t *testing.T) {
	p := newPair(t)
	takers := p.takers()
	var known []string
	takes := func(of string, name string, typ *ast.Type) {
		if typ.Name() == "Cursor" {
			known = append(known, of+" "+name)
		}
	}
	for _, def := range p.first.schema.Types {
		for _, f := range def.Fields {
			if def.Kind == ast.InputObject {
				takes(def.Name, f.Name, f.Type)
			}
			for _, a := range f.Arguments {
				takes(def.Name+"."+f.Name, a.Name, a.Type)
			}
		}
	}
	slices.Sort(known)
	if len(known) < 5 {
		t.Fatalf("only %q take a position", known)
	}
	for _, name := range known {
		t.Run(name, func(t *testing.T) {
			take := takers[name]
			if take == nil {
				t.Fatal("nothing tries it")
			}
			p.t = t
			take()
		})
	}
}

// What the first server wrote is in the lists of the second, and so is what rests on it.
func TestListsOfAServerThatLags(t *testing.T) {
	p := newPair(t)
	first, second, ada := p.first, p.second, session(p.first.ada)
	p.lagging()
	end := first.page("Query.journal", "last: 1", "").Data["journal"].(object)["pageInfo"].(object)["endCursor"].(string)
	second.refuses("Query.journal", `first: 1, after: "`+end+`"`, "", "")
	p.lagging()
	newest := func(b *bed) string {
		return fmt.Sprint(b.do(ada, `{ journal(last: 1) { totalCount nodes { cursor } } }`, nil).Data)
	}
	if got, want := newest(second), newest(first); got != want {
		t.Errorf("the newest entry is %s, and not %s", got, want)
	}
	id := first.create()
	if got, want := second.story(id), first.story(id); got != want {
		t.Errorf("its timeline is %q, and not %q", got, want)
	}
	at := p.lagging()
	first.ok(p.worker, "planDeliveries", object{"consumer": "c", "epoch": 1, "cursor": at, "deliveries": []object{{"eventCursor": at, "integrationId": first.integration.ID}}})
	r := second.do(p.worker, `query($id: ID!) { nextDelivery(integrationId: $id) { event { cursor } } deliveries(first: 1) { nodes { event { cursor } } } }`, object{"id": first.integration.ID})
	if want := fmt.Sprintf("map[deliveries:map[nodes:[map[event:map[cursor:%[1]s]]]] nextDelivery:map[event:map[cursor:%[1]s]]]", at); fmt.Sprint(r.Data) != want || len(r.Errors) > 0 {
		t.Errorf("%v, want %s", r, want)
	}
	p.lagging()
	first.ok(p.worker, "acquireConsumer", object{"name": "d", "holder": "h", "ttl": "PT1M"})
	second.ok(p.worker, "acquireConsumer", object{"name": "d", "holder": "h", "ttl": "PT1M"})
}
