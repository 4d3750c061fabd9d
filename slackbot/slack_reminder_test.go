package slackbot_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"procyon/internal/slacksim"
	"procyon/policy"
)

// Who can decide is reminded in a direct message, and the channel where it shows. Once more
// people can decide, they are asked, and the channel says so.
func TestSlackReminders(t *testing.T) {
	var ahead atomic.Int64
	b := newSlackBed(t, func(b *slackBed) {
		b.Config.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	b.channel("access")
	ada := b.Sim.As("ada")
	eve, eveUser := b.newMember("eve", "Eve")
	flo, floUser := b.newMember("flo", "Flo")
	money := b.steps("Money", []string{"finance-rdp"}, eveUser.ID)
	money.Steps[0].RemindEvery = 1800
	money.Steps[0].Escalation = &policy.Escalation{After: 3600, Approvers: policy.Approvers{UserIDs: []string{floUser.ID}}}
	b.setPolicies(0, money)
	b.ask(ada, "finance-rdp 2h closing the books")
	top := b.asked(eve, "access")
	b.asked(eve, "")

	ahead.Store(int64(31 * time.Minute))
	says := func(p *slacksim.Person, channel string, words ...string) slacksim.Message {
		t.Helper()
		m, err := p.AwaitMessage(b.Ctx, channel, func(m slacksim.Message) bool {
			for _, w := range words {
				if !strings.Contains(m.Text, w) {
					return false
				}
			}
			return true
		})
		if err != nil {
			t.Fatalf("%v: nothing says %q", err, words)
		}
		return m
	}
	note := says(eve, "", "Request by Ada Admin still waits for a decision", "finance-rdp", "waits for 1 approval from: Eve; more people can approve it from")
	if strings.Contains(string(note.Blocks), "Approve") {
		t.Errorf("the reminder has buttons: %s", note.Blocks)
	}
	line := says(eve, "access", "Request by Ada Admin still waits for a decision: finance-rdp")
	if !line.Broadcast || line.Thread != top.TS {
		t.Errorf("the channel is reminded by %+v", line)
	}
	if asksFor(flo) {
		t.Error("somebody is asked too early")
	}

	ahead.Store(int64(61 * time.Minute))
	if line = says(eve, "access", "More people can decide the request by Ada Admin now: finance-rdp"); !line.Broadcast {
		t.Errorf("the channel is told by %+v", line)
	}
	asked := b.says(flo, b.asked(flo, ""), "waits for 1 approval from: Eve, Flo")
	b.Must(flo.Click(b.Ctx, asked, "Approve"))
	b.decided(flo, asked)
	b.says(eve, top, "Approved by Flo")
}
