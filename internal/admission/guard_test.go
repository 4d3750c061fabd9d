package admission_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"procyon/internal/admission"
)

// bed is a guarded server. Each request waits in its handler for go, and does what the
// header Do says.
type bed struct {
	guard   *admission.Guard
	srv     *httptest.Server
	inside  chan *http.Request
	release chan struct{}
	kept    chan func()
}

func newBed(t *testing.T, l admission.Limits) *bed {
	b := &bed{inside: make(chan *http.Request, 16), release: make(chan struct{}), kept: make(chan func(), 16)}
	b.guard = admission.NewGuard(admission.Options{
		Limits:  l,
		Address: func(r *http.Request) string { return r.Header.Get("From") },
		Known:   func(r *http.Request) bool { return r.Header.Get("Who") != "" },
	})
	b.srv = httptest.NewServer(admission.Deadline(b.guard.Wrap(b), time.Minute))
	t.Cleanup(func() {
		b.srv.Close()
		if n := b.guard.Strangers(); n != 0 {
			t.Errorf("%d strangers are left", n)
		}
	})
	return b
}

func (b *bed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	place := admission.From(r.Context())
	switch r.Header.Get("Do") {
	case "identify":
		place.Identified()
	case "keep":
		b.kept <- place.Keep()
	}
	b.inside <- r
	<-b.release
	body, err := io.ReadAll(r.Body)
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	}
	_, _ = w.Write(body)
}

// ask sends a request and returns its answer when there is one. Headers come in pairs.
func (b *bed) ask(t *testing.T, body io.Reader, headers ...string) <-chan *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.srv.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	out := make(chan *http.Response, 1)
	go func() {
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			resp = &http.Response{Body: http.NoBody}
		}
		_ = resp.Body.Close()
		out <- resp
	}()
	return out
}

var small = admission.Limits{Strangers: 3, StrangersAddress: 2, Body: 1000, ShortBody: 10, LongBodies: 1500, LongBodyAddress: 1000}

func TestStrangers(t *testing.T) {
	b := newBed(t, small)
	refused := func(why string, want int, headers ...string) {
		t.Helper()
		resp := <-b.ask(t, nil, headers...)
		if resp.StatusCode != want || resp.Header.Get("Retry-After") != "5" || !resp.Close {
			t.Errorf("%s: %d %v, want %d", why, resp.StatusCode, resp.Header, want)
		}
	}
	let := func(headers ...string) <-chan *http.Response {
		t.Helper()
		out := b.ask(t, nil, headers...)
		select {
		case <-b.inside:
		case resp := <-out:
			t.Fatalf("%v: %d", headers, resp.StatusCode)
		}
		return out
	}
	first, second := let("From", "192.0.2.1"), let("From", "192.0.2.1")
	refused("a third of one address", http.StatusTooManyRequests, "From", "192.0.2.1")
	known := let("From", "192.0.2.1", "Who", "ann") // who is known needs no place
	soon := let("From", "2001:db8::1", "Do", "identify")
	let6 := let("From", "2001:db8::2")
	refused("a fourth of all", http.StatusServiceUnavailable, "From", "2001:db8:1::1")
	close(b.release)
	for _, out := range []<-chan *http.Response{first, second, known, soon, let6} {
		if resp := <-out; resp.StatusCode != http.StatusOK {
			t.Errorf("%d", resp.StatusCode)
		}
	}
	<-let("From", "192.0.2.1") // the places are free again
}

// A place that is kept is a stranger's until its end, or until it is known whose it is.
func TestKeptPlace(t *testing.T) {
	b := newBed(t, small)
	close(b.release)
	<-b.ask(t, nil, "Do", "keep")
	<-b.ask(t, nil, "Do", "keep")
	if resp := <-b.ask(t, nil); resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a third gets %d", resp.StatusCode)
	}
	(<-b.kept)()
	<-b.inside
	known := admission.From((<-b.inside).Context())
	known.Identified()
	if n := b.guard.Strangers(); n != 0 {
		t.Errorf("%d strangers", n)
	}
	held := 1
	known.Hold(func() { held-- })
	(<-b.kept)()
	known.Hold(func() { held-- }) // late: given back at once
	if held != -1 {
		t.Errorf("%d is held after the end", held)
	}
}

func TestNoPlace(t *testing.T) {
	var p *admission.Place
	p.Identified()
	p.Keep()()
	given := false
	p.Hold(func() { given = true })
	if !given {
		t.Error("what nobody holds was not given back")
	}
}

// without hides how long a body is.
type without struct{ io.Reader }

func TestLongBodies(t *testing.T) {
	limits := small
	limits.Strangers, limits.StrangersAddress = 16, 16
	b := newBed(t, limits)
	text := func(n int) io.Reader { return strings.NewReader(strings.Repeat("x", n)) }
	if resp := <-b.ask(t, text(1001)); resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("one that is too long: %d", resp.StatusCode)
	}
	first := b.ask(t, text(700), "From", "a") // counts as 690
	<-b.inside
	for name, body := range map[string]io.Reader{"that says so": text(400), "of unknown length": without{text(11)}} {
		if resp := <-b.ask(t, body, "From", "a"); resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
			t.Errorf("a second long one %s: %d", name, resp.StatusCode)
		}
	}
	second := b.ask(t, text(700), "From", "b")
	<-b.inside
	if resp := <-b.ask(t, text(700), "From", "c"); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("one beyond what there is for all: %d", resp.StatusCode)
	}
	short, shorter := b.ask(t, text(10), "From", "a"), b.ask(t, without{text(10)}, "From", "a")
	<-b.inside
	<-b.inside
	close(b.release)
	for name, out := range map[string]<-chan *http.Response{"first": first, "second": second, "short": short, "short, of unknown length": shorter} {
		want := int64(700)
		if strings.HasPrefix(name, "short") {
			want = 10
		}
		if resp := <-out; resp.StatusCode != http.StatusOK || resp.ContentLength != want {
			t.Errorf("%s: %d, %d bytes", name, resp.StatusCode, resp.ContentLength)
		}
	}
	if resp := <-b.ask(t, without{text(1000)}); resp.StatusCode != http.StatusOK {
		t.Errorf("one of unknown length: %d", resp.StatusCode)
	}
	if resp := <-b.ask(t, without{text(1001)}); resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("one of unknown length that is too long: %d", resp.StatusCode)
	}
}

// A body that ends too early is not taken for a whole one.
func TestCutBody(t *testing.T) {
	b := newBed(t, small)
	close(b.release)
	c, r := dial(t, b.srv)
	say(t, c, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
	tcp, ok := c.(*net.TCPConn)
	if !ok || tcp.CloseWrite() != nil {
		t.Fatal("not closed")
	}
	if status, _ := answer(t, r); status != http.StatusBadRequest {
		t.Errorf("%d", status)
	}
}

func TestListen(t *testing.T) {
	inner, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var exempt atomic.Bool
	refused := make(chan error, 1)
	l := admission.Listen(inner, admission.NewQuota(3, 2), func(netip.Addr) bool { return exempt.Load() }, func(err error) { refused <- err })
	defer l.Close()
	accepted := make(chan net.Conn)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	connect := func() net.Conn {
		t.Helper()
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	connect()
	first := <-accepted
	connect()
	<-accepted
	tooMany := connect()
	if err := <-refused; !errors.Is(err, admission.ErrShare) {
		t.Error(err)
	}
	_ = tooMany.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := tooMany.Read(make([]byte, 1)); err == nil || errors.Is(err, net.ErrClosed) {
		t.Errorf("it was not closed: %v", err)
	}
	exempt.Store(true)
	connect()
	<-accepted
	connect()
	if err := <-refused; !errors.Is(err, admission.ErrTotal) {
		t.Error(err)
	}
	exempt.Store(false)
	_ = first.Close()
	_ = first.Close() // counts once
	connect()
	last := <-accepted
	if _, ok := last.(interface{ CloseWrite() error }); !ok {
		t.Error("a connection can't do what one over TCP can")
	}
}
