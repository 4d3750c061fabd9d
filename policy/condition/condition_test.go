package condition_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/duration"
	"procyon/policy"
	"procyon/policy/condition"
)

// now is a Friday, 17:30 in Berlin.
var now = time.Date(2026, 11, 27, 16, 30, 0, 0, time.UTC)

func ask() *policy.Ask {
	return &policy.Ask{
		Holder: policy.Person{ID: "usr_ann", Name: "Ann", Email: "ann@example.com", Groups: []policy.Right{
			{ID: "grp_payments"},
			{ID: "grp_given", Stamp: policy.Stamp{ByID: "usr_bo", At: now.Add(-time.Hour)}},
			{ID: "grp_taken", Stamp: policy.Stamp{ByID: "usr_ann", At: now.Add(-time.Hour)}},
			{ID: "grp_long_ago", Stamp: policy.Stamp{ByID: "usr_ann", At: now.Add(-48 * time.Hour)}},
		}},
		Items: []policy.Item{
			{
				ResourceID: "res_ledger", Resource: "ledger", Kind: "DATABASE", Role: "owner", AccountID: "acc_prod", Account: "production",
				Tags: []policy.Tag{{Key: "env", Value: "prod"}, {Key: "tier", Value: "1"}, {Key: "pci"}, {Key: "zone", Value: "Europe/Berlin"}},
			},
			{ResourceID: "res_bastion", Resource: "bastion", Kind: "PRIVATE_SERVER", GatewayID: "gw_fra", Gateway: "Frankfurt"},
		},
		Duration: duration.Seconds(4 * 3600), Reason: "deploy of the ledger, see OPS-12", Ticket: "OPS-12", Now: now,
	}
}

func conditions(t testing.TB) *condition.Conditions {
	c, err := condition.New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestHolds(t *testing.T) {
	c := conditions(t)
	for expression, want := range map[string]bool{
		`true`: true, `1 > 2`: false,
		`holder.id == "usr_ann" && holder.name == "Ann" && holder.email.endsWith("@example.com")`: true,
		`"grp_payments" in holder.groups`:                                       true,
		`"grp_given" in holder.groups`:                                          true,
		`"grp_taken" in holder.groups`:                                          false, // they put themselves into it
		`"grp_long_ago" in holder.groups`:                                       true,
		`size(holder.groups) == 3`:                                              true,
		`holder.groups.all(g, g.startsWith("grp_"))`:                            true,
		`item.resource.id == "res_ledger" && item.resource.name == "ledger"`:    true,
		`item.account.id == "acc_prod" && item.account.name == "production"`:    true,
		`item.gateway.id == "" && item.gateway.name == ""`:                      true,
		`has(item.gateway.id)`:                                                  false,
		`item.kind in ["DATABASE", "KAFKA_CLUSTER"] && item.role != "reader"`:   true,
		`item.tags["env"] == "prod" && item.tags.env == "prod"`:                 true,
		`"pci" in item.tags && item.tags["pci"] == ""`:                          true,
		`"owner" in item.tags`:                                                  false,
		`has(item.tags.owner)`:                                                  false,
		`item.tags.?owner.orValue("nobody") == "nobody"`:                        true,
		`item.tags[?"env"].orValue("") == "prod"`:                               true,
		`item.tags.?owner.hasValue()`:                                           false,
		`item.tags.exists(key, key == "tier")`:                                  true,
		`int(item.tags["tier"]) < 2`:                                            true,
		`items.size() > 1`:                                                      true,
		`items.exists(i, i.gateway.name == "Frankfurt")`:                        true,
		`items.filter(i, i.kind == "DATABASE").size() == 1`:                     true,
		`items.exists_one(i, i.kind == "DATABASE")`:                             true,
		`items.map(i, i.resource.name) == ["ledger", "bastion"]`:                true,
		`items.all(i, items.exists(j, j.resource.id == i.resource.id))`:         true,
		`items[1].resource.id == "res_bastion"`:                                 true,
		`items.exists(i, i.tags["env"] == "prod")`:                              true, // one is enough
		`duration > duration("2h")`:                                             true,
		`duration == duration("240m")`:                                          true,
		`startsAt == now`:                                                       true, // none was chosen
		`startsAt + duration > timestamp("2026-11-27T20:00:00Z")`:               true,
		`startsAt - now > duration("1h")`:                                       false,
		`reason.contains("ledger") && reason.matches("(?i)\\bDEPLOY\\b")`:       true,
		`ticket == "" || ticket.matches("^[A-Z]+-[0-9]+$")`:                     true,
		`hour(now, "Europe/Berlin") == 17 && hour(now, "UTC") == 16`:            true,
		`weekday(now, "Europe/Berlin") == "FRI"`:                                true,
		`weekday(now, "Pacific/Kiritimati") == "SAT"`:                           true,
		`date(now, "Europe/Berlin") == "2026-11-27"`:                            true,
		`date(now, "UTC") >= "2026-12-20"`:                                      false,
		`inside(now, "Europe/Berlin", "MON-FRI", "08:00", "18:00")`:             true,
		`outside(now, "Europe/Berlin", "MON-FRI", "08:00", "18:00")`:            false,
		`outside(now + duration, "Europe/Berlin", "MON-FRI", "08:00", "18:00")`: true,
		`item.tags["owner"] == "x" && item.kind == "APPLICATION"`:               false, // the other side decides
		`item.tags["owner"] == "x" || item.kind == "DATABASE"`:                  true,
		`item.kind == "DATABASE" ? item.role == "owner" : false`:                true,
		"// who writes\n// may explain\nitem.role == 'owner'":                   true,
	} {
		a := ask()
		if err := c.Check(expression); err != nil {
			t.Errorf("%s is refused: %v", expression, err)
			continue
		}
		got, err := c.Holds(expression, a, &a.Items[0])
		if err != nil || got != want {
			t.Errorf("%s: %v, %v", expression, got, err)
		}
	}
}

// What can't be evaluated is said in a few words that name nothing of what was asked for.
func TestHoldsNot(t *testing.T) {
	c := conditions(t)
	for expression, want := range map[string]string{
		`item.tags["owner"] == "x"`:             "it reads something that is not there",
		`item.tags[reason] == "x"`:              "it reads something that is not there",
		`item.tags.owner == "x"`:                "it reads something that is not there",
		`item.tags.?owner.value() == "x"`:       "it reads something that is not there",
		`items[7].kind == "DATABASE"`:           "it reads something that is not there",
		`!(item.tags["owner"] == "x")`:          "it reads something that is not there",
		`items.all(i, i.tags["env"] == "prod")`: "it reads something that is not there",
		`int(reason) > 1`:                       "it reads a text as something else that it is not",
		`duration(reason) > duration`:           "it reads a text as something else that it is not",
		`timestamp(reason) > now`:               "it reads a text as something else that it is not",
		`9223372036854775807 + size(items) > 0`: "a number or a time in it is too large",
		`nonsense`:                              "it is no condition that this server can evaluate",
	} {
		a := ask()
		if got, err := c.Holds(expression, a, &a.Items[0]); got || err == nil || err.Error() != want {
			t.Errorf("%s: %v, %v; want %s", expression, got, err, want)
		}
	}
}

// A guardrail whose condition can't be evaluated holds, and says so.
func TestGovernsWithWhatErrs(t *testing.T) {
	c := conditions(t)
	set := policy.Default(3600, 0)
	set.Guardrails = []policy.Guardrail{{ID: "grd_1", Name: "Owners", Condition: `item.tags["owner"] == "x"`, MaxDuration: 60}}
	a := ask()
	a.Items = a.Items[:1]
	g := set.Govern(1, a, c)
	want := "The condition of the guardrail Owners could not be evaluated: it reads something that is not there."
	if len(g.Refused) != 1 || g.Refused[0].Why != want || g.Needs.MaxDuration != 60 {
		t.Errorf("%+v", g)
	}
}

// What a request has more of than was reckoned with costs too much, and is not gone through.
func TestHoldsCostsTooMuch(t *testing.T) {
	c := conditions(t)
	a := ask()
	for i := range 100_000 {
		a.Holder.Groups = append(a.Holder.Groups, policy.Right{ID: fmt.Sprintf("grp_%d", i)})
	}
	got, err := c.Holds(`holder.groups.exists(g, g == "grp_none")`, a, &a.Items[0])
	if got || err == nil || err.Error() != "it costs too much with so much to go through" {
		t.Error(got, err)
	}
}

func TestHoldsConcurrently(t *testing.T) {
	c := conditions(t)
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			a := ask()
			for i := range 100 {
				// More texts than are kept, some shared by all.
				n := (g*31 + i) % 300
				expression := fmt.Sprintf(`items.size() == %d || hour(now, "Europe/Berlin") == 17 && %d != 300 && item.tags["env"] == "prod"`, n+3, n)
				if got, err := c.Holds(expression, a, &a.Items[0]); err != nil || !got {
					t.Errorf("%s: %v, %v", expression, got, err)
				}
				if err := c.Check(expression + "x"); err == nil {
					t.Error("what is no condition passes")
				}
			}
		})
	}
	all.Wait()
}

// largest is as much as can be asked for at once, and somebody in as many groups as can be.
func largest() *policy.Ask {
	long := func(i, n int) string { return fmt.Sprintf("%0*d", n, i) }
	a := &policy.Ask{Now: now, StartsAt: now.Add(time.Hour), Duration: 3600, Reason: strings.Repeat("e", 1000), Ticket: long(0, 80)}
	for i := range 1000 {
		a.Holder.Groups = append(a.Holder.Groups, policy.Right{ID: "grp_" + long(i, 26)})
	}
	for i := range 20 {
		item := policy.Item{
			ResourceID: "res_" + long(i, 26), Resource: long(i, 80), Kind: "KUBERNETES_CLUSTER", Role: long(i, 80),
			AccountID: "acc_" + long(i, 26), Account: long(i, 80), GatewayID: "gw_" + long(i, 26), Gateway: long(i, 80),
		}
		for j := range 50 {
			item.Tags = append(item.Tags, policy.Tag{Key: long(j, 128), Value: strings.Repeat("é", 256)})
		}
		a.Items = append(a.Items, item)
	}
	return a
}

// What passes the check is not stopped by what it costs, however much is asked for.
func TestWhatPassesCanBeEvaluated(t *testing.T) {
	c, a := conditions(t), largest()
	for _, expression := range []string{
		`holder.groups.all(g, g != item.role)`, `holder.groups.all(g, !g.startsWith("x"))`, `items.all(i, !(i.role in holder.groups))`,
		`items.all(i, items.all(j, i.resource.name + "x" != j.resource.name))`, `items.all(i, i.tags.all(key, i.tags[key] != ""))`,
		`items.all(i, items.all(j, i.tags.?env.orValue("") == j.tags.?env.orValue("")))`, `items.map(i, i.role + i.role).all(r, !r.contains("x"))`,
		`!reason.matches("(a?b?c?d?e?f?g?h?i?j?k?l?m?n?){3}[x-z]$")`, `!reason.contains(reason + "x")`, `items.all(i, inside(now, "UTC", "FRI", "08:00", "18:00"))`,
		`holder.groups.filter(g, g != "").size() == 1000`, `items.all(i, holder.groups == holder.groups)`, `"x" in holder.groups ? false : ticket in item.tags ? false : true`,
	} {
		if err := c.Check(expression); err != nil {
			t.Errorf("%s: %v", expression, err)
		}
		if got, err := c.Holds(expression, a, &a.Items[0]); err != nil || !got {
			t.Errorf("%s: %v, %v", expression, got, err)
		}
	}
}

// No text breaks anything: it is refused in one short line, or evaluated at no more than what
// was estimated.
func FuzzConditions(f *testing.F) {
	for _, s := range []string{
		`items.exists(i, i.tags["env"] == "prod")`, `inside(now, "Europe/Berlin", "MON-FRI", "08:00", "18:00")`, `reason.matches("(a*)*b")`,
		`items.map(i, i.role + i.role).exists(r, r == reason)`, `item.tags.?a.orValue("") in ["x"]`, `[[1]] == [[2]]`, `{"a": 1}["a"] == 1`,
		strings.Repeat("(", 100), strings.Repeat("!", 500) + "true", strings.Repeat("[", 900), "\x00", `"\u12"`, "a.b.c?d:e", "optional.of(1).hasValue()", "items.all(i, items.all(j, items.all(k, true)))",
		`holder.groups.filter(g, g in ["a"]).map(g, g + g).exists_one(g, size(g) > 1)`, `has(item.tags.env) ? duration - duration("1h") < startsAt - now : -1 < int("2")`, `item.?account.?name.hasValue() && items[?9].?tags[?"a"].or(optional.of("b")).value() != ""`,
	} {
		f.Add(s)
	}
	c, a := conditions(f), largest()
	f.Fuzz(func(t *testing.T, expression string) {
		refused := c.Check(expression)
		if refused != nil && (len(refused.Error()) > 400 || strings.ContainsAny(refused.Error(), "\n\r\x00")) {
			t.Errorf("%q is refused with %q", expression, refused)
		}
		_, err := c.Holds(expression, a, &a.Items[0])
		switch {
		case err == nil && refused != nil:
			t.Errorf("%q is refused and evaluated", expression)
		case err != nil && refused == nil && (len(err.Error()) > 100 || strings.Contains(err.Error(), "costs")):
			t.Errorf("%q: %v", expression, err)
		}
	})
}
