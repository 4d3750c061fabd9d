package transport_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql/handler"
	gqlgen "github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/gorilla/websocket"

	"procyon/graph/fanout"
	"procyon/graph/fanout/fanouttest"
	"procyon/graph/transport"
	"procyon/journal"
)

// BenchmarkFanout measures what a delivery costs the server, on one core: the
// subscribers are another process. One iteration publishes 1 or 10 events and
// waits until every subscriber has them. The table at the end compares shared
// execution with a bare broadcaster of prepared messages and with gqlgen's own
// transport, in this very run.
//
//	go test -run '^$' -bench Fanout -benchtime 100x ./graph/transport
func BenchmarkFanout(b *testing.B) {
	const subscribers = 1000
	kinds := []struct {
		name  string
		serve func(*fanouttest.Log) (http.Handler, func(n int))
	}{{"shared", serveShared}, {"prepared", servePrepared}, {"gqlgen", serveGqlgen}}
	cost := map[string]float64{}
	for _, kind := range kinds {
		for _, burst := range []int{1, 10} {
			name := fmt.Sprintf("%s/burst=%d", kind.name, burst)
			b.Run(name, func(b *testing.B) {
				cost[name] = measure(b, subscribers, burst, kind.serve)
			})
		}
	}
	fmt.Fprintf(os.Stderr, "%-10s %14s %14s   (server CPU for a delivery; how many times shared execution's)\n", "", "single", "bursts of 10")
	for _, kind := range kinds {
		line := fmt.Sprintf("%-10s", kind.name)
		for _, burst := range []string{"1", "10"} {
			us := cost[kind.name+"/burst="+burst]
			line += fmt.Sprintf(" %5.1f µs %4.1f ×", us, us/cost["shared/burst="+burst])
		}
		fmt.Fprintln(os.Stderr, line)
	}
}

const benchQuery = `subscription { events { id cursor kind text owner a: id b: cursor c: kind d: owner e: kind } }`

func benchEntry() journal.Entry {
	return fanouttest.Entry(fanouttest.Fact{Kind: "said", Text: strings.Repeat("x", 250), Owner: "somebody"})
}

// measure returns the µs of CPU that a delivery costs.
func measure(b *testing.B, subscribers, burst int, serve func(*fanouttest.Log) (http.Handler, func(int))) float64 {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	log := fanouttest.NewLog()
	h, publish := serve(log)
	server := httptest.NewServer(h)
	defer server.Close()
	before := held()
	peers := startPeers(b, "ws"+strings.TrimPrefix(server.URL, "http"), subscribers)
	idle := float64(held()-before) / float64(subscribers) / 1024
	deliveries := 0
	round := func() {
		publish(burst)
		deliveries += burst * subscribers
		peers.await(deliveries)
	}
	for range 5 {
		round()
	}
	warm := deliveries
	var m0, m1 runtime.MemStats
	runtime.ReadMemStats(&m0)
	cpu, began := cpuTime(b), time.Now()
	b.ResetTimer()
	for range b.N {
		round()
	}
	b.StopTimer()
	n := float64(deliveries - warm)
	us := float64((cpuTime(b) - cpu).Microseconds()) / n
	runtime.ReadMemStats(&m1)
	b.ReportMetric(us, "cpu-µs/delivery")
	b.ReportMetric(n/time.Since(began).Seconds(), "deliveries/s")
	b.ReportMetric(float64(m1.Mallocs-m0.Mallocs)/n, "allocs/delivery")
	b.ReportMetric(float64(m1.TotalAlloc-m0.TotalAlloc)/n, "B/delivery")
	b.ReportMetric(idle, "idle-KB/subscriber")
	b.ReportMetric(0, "ns/op")
	return us
}

// held is the memory of the heap and the stacks.
func held() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func serveShared(log *fanouttest.Log) (http.Handler, func(int)) {
	exec := fanouttest.NewExecutor(log)
	fan := fanout.New(log, exec, fanouttest.Options(exec))
	ws := &transport.WebSocket{Source: fan, Init: initViewer}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { ws.Do(w, r, exec) }), publisher(log)
}

func publisher(log *fanouttest.Log) func(int) {
	entry := benchEntry()
	return func(n int) {
		batch := make([]journal.Entry, n)
		for i := range batch {
			batch[i] = entry
		}
		log.Publish(batch...)
	}
}

func serveGqlgen(log *fanouttest.Log) (http.Handler, func(int)) {
	srv := handler.New(fanouttest.NewExecutor(log).Schema)
	srv.AddTransport(gqlgen.Websocket{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := fanouttest.WithViewer(fanouttest.WithPlain(r.Context(), 0), fanouttest.Viewer{ID: "a", Admin: true})
		srv.ServeHTTP(w, r.WithContext(ctx))
	}), publisher(log)
}

// servePrepared sends the same message to everyone who has subscribed.
func servePrepared(*fanouttest.Log) (http.Handler, func(int)) {
	var conns []*websocket.Conn
	joined := make(chan *websocket.Conn, 10_000)
	up := websocket.Upgrader{Subprotocols: []string{transport.Protocol}, ReadBufferSize: 1024, WriteBufferSize: 1024}
	body := []byte(next("1", strings.Repeat("x", 410)))
	serve := func(w http.ResponseWriter, r *http.Request) {
		conn, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		conn.ReadMessage()
		conn.WriteMessage(websocket.TextMessage, []byte(ack))
		conn.ReadMessage()
		joined <- conn
		conn.ReadMessage()
		conn.Close()
	}
	return http.HandlerFunc(serve), func(n int) {
		for range n {
			for len(joined) > 0 {
				conns = append(conns, <-joined)
			}
			m, _ := websocket.NewPreparedMessage(websocket.TextMessage, body)
			for _, c := range conns {
				c.SetWriteDeadline(time.Now().Add(10 * time.Second))
				c.WritePreparedMessage(m)
			}
		}
	}
}

// peers is the process of the subscribers.
type peers struct {
	b    *testing.B
	tell io.Writer
	hear *bufio.Reader
}

func startPeers(b *testing.B, url string, n int) *peers {
	cmd := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestPeers$", "-test.timeout=10m")
	cmd.Env = append(os.Environ(), "PEERS_URL="+url, "PEERS="+strconv.Itoa(n), "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	tell, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	hear, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		tell.Close()
		cmd.Wait()
	})
	p := &peers{b: b, tell: tell, hear: bufio.NewReader(hear)}
	p.answer()
	return p
}

// await returns when that many messages have arrived since the start.
func (p *peers) await(n int) {
	fmt.Fprintln(p.tell, n)
	p.answer()
}

func (p *peers) answer() {
	if line, err := p.hear.ReadString('\n'); err != nil || line != "ok\n" {
		p.b.Fatalf("the subscribers said %q, %v", line, err)
	}
}

// TestPeers is the subscribers' side of BenchmarkFanout, in a process of its own.
func TestPeers(t *testing.T) {
	url := os.Getenv("PEERS_URL")
	if url == "" {
		t.Skip("started by BenchmarkFanout")
	}
	n, _ := strconv.Atoi(os.Getenv("PEERS"))
	var got, want atomic.Int64
	want.Store(-1)
	reached := make(chan struct{}, 1)
	for range n {
		d := websocket.Dialer{Subprotocols: []string{transport.Protocol}, ReadBufferSize: 8192, WriteBufferSize: 256}
		conn, resp, err := d.DialContext(context.Background(), url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		c := &client{t: t, conn: conn}
		c.send(`{"type":"connection_init","payload":{"name":"ann"}}`)
		c.expect(ack)
		c.send(subscribe("1", benchQuery))
		conn.SetReadDeadline(time.Time{})
		go func() {
			for {
				_, r, err := conn.NextReader()
				if err != nil {
					return
				}
				io.Copy(io.Discard, r)
				if got.Add(1) == want.Load() {
					reached <- struct{}{}
				}
			}
		}()
	}
	fmt.Fprintln(os.Stdout, "ok")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); fmt.Fprintln(os.Stdout, "ok") {
		target, _ := strconv.ParseInt(in.Text(), 10, 64)
		want.Store(target)
		if got.Load() >= target { // it may have been reached before it was wanted
			select {
			case <-reached:
			default:
			}
			continue
		}
		<-reached
	}
}
