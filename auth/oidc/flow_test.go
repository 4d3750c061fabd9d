package oidc

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestNewChecksItsSettings(t *testing.T) {
	good := Options{Issuer: "https://id.example.com/tenant", ClientID: "c", ClientSecret: "s", RedirectURL: "https://procyon.example.com/auth/oidc/callback"}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
	for _, issuer := range []string{"", "id.example.com", "http://id.example.com", "https://id.example.com/?x=1", "https://id.example.com#x", "ftp://127.0.0.1", "http://127.0.0.1.evil.example"} {
		bad := good
		bad.Issuer = issuer
		if _, err := New(bad); err == nil {
			t.Errorf("the issuer %q is taken", issuer)
		}
	}
	good.ClientSecret = ""
	if _, err := New(good); err == nil {
		t.Error("a client without a secret is taken")
	}
}

func TestFlowInACookie(t *testing.T) {
	f := Flow{State: "s", Nonce: "n", Verifier: "v", Next: "/requests?a=b", ExpiresAt: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	s, err := f.Encode()
	if err != nil || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Fatalf("%q, %v", s, err)
	}
	if got, err := DecodeFlow(s); err != nil || got != f {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"", "!", "e30", base64.RawURLEncoding.EncodeToString([]byte(`{"s":"s","n":"n"}`)), base64.RawURLEncoding.EncodeToString([]byte(`[]`))} {
		if _, err := DecodeFlow(bad); !errors.Is(err, ErrStale) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// What can be told without asking the provider is told first.
func TestFinishRefusesBeforeItAsks(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	p, err := New(Options{Issuer: "https://127.0.0.1:1", ClientID: "c", ClientSecret: "s", Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	f := Flow{State: "s", Nonce: "n", Verifier: "v", ExpiresAt: now.Add(time.Minute)}
	for name, c := range map[string]struct {
		flow   Flow
		answer url.Values
		want   error
	}{
		"no state":             {f, url.Values{"code": {"c"}}, ErrStale},
		"another state":        {f, url.Values{"state": {"x"}, "code": {"c"}}, ErrStale},
		"an empty flow":        {Flow{ExpiresAt: f.ExpiresAt}, url.Values{"code": {"c"}}, ErrStale},
		"too late":             {Flow{State: "s", ExpiresAt: now.Add(-time.Second)}, url.Values{"state": {"s"}, "code": {"c"}}, ErrStale},
		"another provider":     {f, url.Values{"state": {"s"}, "code": {"c"}, "iss": {"https://evil.example"}}, ErrRefused},
		"canceled":             {f, url.Values{"state": {"s"}, "error": {"access_denied"}}, ErrCanceled},
		"refused":              {f, url.Values{"state": {"s"}, "error": {"server_error"}}, ErrRefused},
		"the provider is down": {f, url.Values{"state": {"s"}, "code": {"c"}}, ErrUnavailable},
	} {
		if _, err := p.Finish(t.Context(), c.flow, c.answer); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A provider that failed rests a moment, and is then asked again.
	if !p.failed.Equal(now) {
		t.Errorf("failed at %v", p.failed)
	}
	if _, _, err := p.Begin("/", false); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
}

func TestTruth(t *testing.T) {
	for in, want := range map[string]truth{`true`: true, `"true"`: true, `false`: false, `"false"`: false, `1`: false, `null`: false, `"TRUE"`: false} {
		var got truth
		if err := got.UnmarshalJSON([]byte(in)); err != nil || got != want {
			t.Errorf("%s is %v", in, got)
		}
	}
}
