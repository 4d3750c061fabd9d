package slackapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secretPath = "/services/T0123456/B0123456/SecretSecretSecretSecret"

// local is a Webhook that may post to this machine.
func local(t *testing.T, o WebhookOptions) *Webhook {
	t.Helper()
	p, err := ParseHostPolicy("127.0.0.1,localhost")
	if err != nil {
		t.Fatal(err)
	}
	w := NewWebhook(p, o)
	t.Cleanup(w.Close)
	return w
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL + secretPath
}

// keepsSecret fails where a result tells the webhook's URL.
func keepsSecret(t *testing.T, r Result) {
	t.Helper()
	if s := fmt.Sprintf("%+v", r); strings.Contains(s, "Secret") || strings.Contains(s, "T0123456") || strings.Contains(s, "services") {
		t.Errorf("the result tells the URL: %s", s)
	}
}

func TestPostDelivers(t *testing.T) {
	var got struct {
		Text   string            `json:"text"`
		Blocks []json.RawMessage `json:"blocks"`
	}
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != secretPath || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s %s %s", r.Method, r.URL, r.Header)
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, "ok")
	})
	if r := local(t, WebhookOptions{}).Post(t.Context(), url, sample(EventCreated).Message()); r.Outcome != OutcomeDelivered {
		t.Fatalf("%+v", r)
	}
	if got.Text == "" || len(got.Blocks) == 0 {
		t.Fatalf("%+v", got)
	}
}

func TestPostFollowsNoRedirect(t *testing.T) {
	followed := false
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != secretPath {
			followed = true
			_, _ = io.WriteString(w, "ok")
			return
		}
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	r := local(t, WebhookOptions{}).Post(t.Context(), url, sample(EventCreated).Message())
	if r.Outcome != OutcomeBroken || r.Code != "redirect" || followed {
		t.Fatalf("%+v, followed: %v", r, followed)
	}
}

func TestPostReadsRetryAfter(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "12")
		http.Error(w, "rate_limited", http.StatusTooManyRequests)
	})
	r := local(t, WebhookOptions{}).Post(t.Context(), url, sample(EventCreated).Message())
	if r.Outcome != OutcomeRetry || r.RetryAfter != 12*time.Second {
		t.Fatalf("%+v", r)
	}
}

func TestPostCapsTheAnswer(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < 1<<14; i++ { // bounded, and far beyond what is read
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	})
	if r := local(t, WebhookOptions{}).Post(t.Context(), url, sample(EventCreated).Message()); r.Outcome != OutcomeRetry || r.Code != "unexpected_answer" {
		t.Fatalf("%+v", r)
	}
}

func TestPostTimesOut(t *testing.T) {
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	r := local(t, WebhookOptions{Timeout: 20 * time.Millisecond}).Post(t.Context(), url, sample(EventCreated).Message())
	if r.Outcome != OutcomeRetry || r.Code != "timeout" {
		t.Fatalf("%+v", r)
	}
	keepsSecret(t, r)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r = local(t, WebhookOptions{}).Post(ctx, url, sample(EventCreated).Message())
	if r.Outcome != OutcomeRetry || r.Code != "canceled" {
		t.Fatalf("%+v", r)
	}
	keepsSecret(t, r)
}

func TestPostNetworkErrorsKeepTheSecret(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String() + secretPath
	_ = l.Close()
	hangsUp := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	garbage := garbageServer(t)
	for name, url := range map[string]string{
		"nobody listens": closed,
		"hangs up":       hangsUp,
		"not http":       garbage,
		"not tls":        strings.Replace(hangsUp, "http:", "https:", 1),
	} {
		r := local(t, WebhookOptions{}).Post(t.Context(), url, sample(EventCreated).Message())
		if r.Outcome != OutcomeRetry || (r.Code != "network" && r.Code != "tls") {
			t.Errorf("%s: %+v", name, r)
		}
		keepsSecret(t, r)
	}
}

// garbageServer answers each connection with its own request, so that the
// http package's complaint could quote the path.
func garbageServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			buf := make([]byte, 256)
			n, _ := c.Read(buf)
			_, _ = c.Write(buf[:n])
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return "http://" + l.Addr().String() + secretPath
}

func TestPostRefusesURL(t *testing.T) {
	w := local(t, WebhookOptions{})
	for _, url := range []string{"", "https://evil.example" + secretPath, "http://hooks.slack.com" + secretPath} {
		if r := w.Post(t.Context(), url, sample(EventCreated).Message()); r.Outcome != OutcomeRetry || r.Code != "url_not_allowed" || !strings.Contains(r.Detail, "this notifier's own settings") {
			t.Errorf("%s: %+v", url, r)
		} else {
			keepsSecret(t, r)
		}
	}
}

func TestPostRefusesMessage(t *testing.T) {
	w := local(t, WebhookOptions{})
	if r := w.Post(t.Context(), "http://127.0.0.1:1"+secretPath, Message{}); r.Outcome != OutcomeRejected || r.Code != "invalid_message" {
		t.Errorf("%+v", r)
	}
}

// TestDialRefusesPrivateAddress: an allowed name that resolves to this machine
// is not connected to, though something listens there.
func TestDialRefusesPrivateAddress(t *testing.T) {
	reached := false
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reached = true
		_, _ = io.WriteString(w, "ok")
	}))
	t.Cleanup(s.Close)
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	for name, ip := range map[string]net.IP{"loopback": {127, 0, 0, 1}, "private": {10, 0, 0, 1}, "metadata": {169, 254, 169, 254}} {
		policy, err := ParseHostPolicy("hooks.slack.test:" + port)
		if err != nil {
			t.Fatal(err)
		}
		w := NewWebhook(policy, WebhookOptions{Resolver: answering(t, ip), TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}})
		r := w.Post(t.Context(), "https://hooks.slack.test:"+port+secretPath, sample(EventCreated).Message())
		w.Close()
		if r.Outcome != OutcomeRetry || r.Code != "address_refused" || reached {
			t.Errorf("%s: %+v, reached: %v", name, r, reached)
		}
	}
}

// TestNoProxy: the environment's proxy would look up names past the guard.
func TestNoProxy(t *testing.T) {
	if NewWebhook(HostPolicy{}, WebhookOptions{}).client.Transport.(*http.Transport).Proxy != nil {
		t.Fatal("a proxy is used")
	}
}

func BenchmarkCard(b *testing.B) {
	c := sample(EventCreated)
	for b.Loop() {
		if _, err := json.Marshal(c.Message()); err != nil {
			b.Fatal(err)
		}
	}
}
