// Package inspect tells what this process is doing: where it spends its processor time, what
// it holds in memory, what each of its goroutines waits for. It is for an operator whose
// server is slow, large or stuck, and so needs nothing of the server: no store, no identity.
//
// It listens on this machine alone. Whoever has an account there can ask, and can keep the
// process busy with that; what they are told are the names and places of code, and sizes and
// counts. It holds none of the data that the process works with, and not its command line.
package inspect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof" // nothing serves the http.DefaultServeMux, where it registers itself, too
	"net/netip"
	"strconv"
	"strings"
	"time"
)

const (
	// most is how many are answered at a time: one may be waiting for a profile while
	// another looks at goroutines.
	most = 4
	// longest is how many seconds may be asked for.
	longest = 60
)

// Server answers those who inspect this process.
type Server struct {
	listener net.Listener
	http     *http.Server
	done     chan error
}

// Start listens on an address, which has to be a loopback address with a port, and answers
// until Close. What is wrong with the address is told of setting.
func Start(ctx context.Context, setting, address string, log *slog.Logger) (*Server, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().Unmap().IsLoopback() {
		return nil, fmt.Errorf("%s %q must be an address of this machine alone, such as 127.0.0.1:6060 or [::1]:6060: whoever reaches it is asked for nothing", setting, address)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	s := &Server{listener: l, done: make(chan error, 1)}
	s.http = &http.Server{
		Handler: handler(), ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 8 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	log.WarnContext(ctx, "whoever is on this machine can inspect the process, and slow it down by that", "address", s.Address())
	go func() { s.done <- s.http.Serve(l) }()
	return s, nil
}

// Address is where it listens, with the port that was free where 0 was told.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Close cuts off who is answered, and returns when nothing runs any more.
func (s *Server) Close() error {
	err := s.http.Close()
	if ended := <-s.done; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// handler has the addresses that `go tool pprof` and `go tool trace` know.
func handler() http.Handler {
	mux := http.NewServeMux()
	for _, name := range []string{"allocs", "goroutine", "heap"} {
		mux.Handle("GET /debug/pprof/"+name, pprof.Handler(name))
	}
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /{$}", list)
	mux.HandleFunc("GET /debug/pprof/{$}", list)
	return guarded(mux)
}

// guarded refuses who is not to be answered, and what would take long.
func guarded(next http.Handler) http.Handler {
	places := make(chan struct{}, most)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r) {
			http.Error(w, "Ask on this machine, at a loopback address, and neither through a proxy nor from another page.", http.StatusForbidden)
			return
		}
		if !bounded(r) {
			http.Error(w, fmt.Sprintf("seconds must be a whole number from 1 to %d.", longest), http.StatusBadRequest)
			return
		}
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
			w.Header().Set("Cache-Control", "no-store")
			next.ServeHTTP(w, r)
		default:
			http.Error(w, fmt.Sprintf("%d others are being answered; ask again.", most), http.StatusTooManyRequests)
		}
	})
}

// local tells whether a request was made by a program on this machine, and not by one that
// makes this machine ask: a reverse proxy, or a page in a browser here, whose host's name may
// lead to any address.
func local(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	at, err := netip.ParseAddr(strings.Trim(host, "[]"))
	here := err == nil && at.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
	passed := r.Header.Get("X-Forwarded-For")+r.Header.Get("Forwarded")+r.Header.Get("Via") != ""
	site := r.Header.Get("Sec-Fetch-Site")
	return here && !passed && (site == "" || site == "none" || site == "same-origin")
}

func bounded(r *http.Request) bool {
	given := r.URL.Query().Get("seconds")
	n, err := strconv.Atoi(given)
	return given == "" || err == nil && n >= 1 && n <= longest
}

// overview says what there is; it takes the address.
const overview = `goroutines, and what each waits for:
  curl 'http://%[1]s/debug/pprof/goroutine?debug=2'
what is in use of memory, after a collection:
  curl -o heap.pprof 'http://%[1]s/debug/pprof/heap?gc=1'
what was allocated since the start:
  curl -o allocs.pprof http://%[1]s/debug/pprof/allocs
where processor time goes, for ten seconds:
  curl -o cpu.pprof 'http://%[1]s/debug/pprof/profile?seconds=10'
what ran when, for two seconds:
  curl -o trace.out 'http://%[1]s/debug/pprof/trace?seconds=2'
To look at one: go tool pprof -http=127.0.0.1:0 cpu.pprof; go tool trace trace.out
`

// list says what there is.
func list(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, overview, r.Host) //nolint:gosec // it is no HTML, and the host is one of this machine
}
