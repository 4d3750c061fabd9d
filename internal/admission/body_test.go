package admission_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"procyon/internal/admission"
)

// dial opens a connection on which a test says what it likes, for ten seconds.
func dial(t *testing.T, srv *httptest.Server) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return c, bufio.NewReader(c)
}

func say(t *testing.T, c net.Conn, format string, args ...any) {
	t.Helper()
	if _, err := fmt.Fprintf(c, format, args...); err != nil {
		t.Fatal(err)
	}
}

func answer(t *testing.T, r *bufio.Reader) (status int, body string) {
	t.Helper()
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// Whoever sends a body in drops is cut off at the time by which all of it must be there.
func TestTrickle(t *testing.T) {
	failed := make(chan error, 1)
	srv := httptest.NewServer(admission.Deadline(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		failed <- err
		http.Error(w, "late", http.StatusRequestTimeout)
	}), 200*time.Millisecond))
	defer srv.Close()
	for _, head := range []string{"Content-Length: 1000", "Transfer-Encoding: chunked"} {
		c, r := dial(t, srv)
		say(t, c, "POST / HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n", head)
		drops := time.NewTicker(5 * time.Millisecond)
		for waiting := true; waiting; {
			select {
			case <-drops.C:
				drop := "x"
				if strings.HasPrefix(head, "T") {
					drop = "1\r\nx\r\n"
				}
				_, _ = io.WriteString(c, drop)
			case err := <-failed:
				if !admission.Late(err) {
					t.Errorf("%s: %v", head, err)
				}
				waiting = false
			case <-time.After(10 * time.Second):
				t.Fatalf("%s: still read", head)
			}
		}
		drops.Stop()
		if status, _ := answer(t, r); status != http.StatusRequestTimeout {
			t.Errorf("%s: %d", head, status)
		}
		if _, err := r.ReadByte(); err == nil {
			t.Errorf("%s: the connection goes on", head)
		}
	}
}

// A body that nobody reads is no way to hold a connection.
func TestUnreadBody(t *testing.T) {
	srv := httptest.NewServer(admission.Deadline(http.NotFoundHandler(), 50*time.Millisecond))
	defer srv.Close()
	c, r := dial(t, srv)
	say(t, c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx")
	if status, _ := answer(t, r); status != http.StatusNotFound {
		t.Errorf("%d", status)
	}
	var late net.Error
	if _, err := r.ReadByte(); err == nil || errors.As(err, &late) && late.Timeout() {
		t.Errorf("the connection goes on: %v", err)
	}
}

// Whoever has the whole body may take longer than the body may, and the connection's
// next request has a time of its own.
func TestWholeBody(t *testing.T) {
	const within = 50 * time.Millisecond
	srv := httptest.NewServer(admission.Deadline(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		ctx, cancel := context.WithTimeout(r.Context(), 3*within)
		defer cancel()
		<-ctx.Done()
		if err != nil || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			t.Errorf("%v, %v: the client is taken for gone", err, ctx.Err())
		}
		_, _ = w.Write(body)
	}), within))
	defer srv.Close()
	c, r := dial(t, srv)
	for range 2 {
		say(t, c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
		if status, body := answer(t, r); status != http.StatusOK || body != "hello" {
			t.Errorf("%d %q", status, body)
		}
	}
}
