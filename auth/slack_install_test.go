package auth

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"procyon/access"
)

func TestSlackInstallOfferIsGoodOnceForTenMinutes(t *testing.T) {
	w := newWorld(t)
	ada := access.ActorOf(w.ada)
	token, _, err := w.OfferSlackInstall(t.Context(), ada)
	w.must(err)
	var taken atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			c, err := w.TakeSlackInstall(t.Context(), token)
			if err != nil {
				t.Error(err)
			}
			if c != nil {
				taken.Add(1)
				if c.UserID != ada.ID || c.Epoch != w.ada.Epoch {
					t.Errorf("%+v", c)
				}
			}
		})
	}
	all.Wait()
	if taken.Load() != 1 {
		t.Errorf("taken %d times", taken.Load())
	}
	token, _, err = w.OfferSlackInstall(t.Context(), ada)
	w.must(err)
	w.pass(SlackInstallTTL)
	link, _, err := w.OfferSlackLink(t.Context(), SlackOffer{WorkspaceID: "wsp_1", SlackUserID: "U1", SlackName: "Dev"})
	w.must(err)
	for name, bad := range map[string]string{
		"over": token, "of a link": link, "none": "", "short": "x", "unknown": strings.Repeat("a", 43), "long": strings.Repeat("a", 5000),
	} {
		if c, err := w.TakeSlackInstall(t.Context(), bad); c != nil || err != nil {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func TestOnlyAnAdministratorOffersAnInstallation(t *testing.T) {
	w := newWorld(t)
	acting := access.ActorOf(w.ada)
	acting.ByID = "svc_1"
	for name, by := range map[string]access.Actor{
		"a member": access.ActorOf(w.dev), "a service": {Kind: access.ActorService, ID: "svc_1", Admin: true}, "a service for an administrator": acting,
	} {
		if _, _, err := w.OfferSlackInstall(t.Context(), by); access.CodeOf(err) != access.CodeForbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
}
