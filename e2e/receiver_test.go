package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/internal/slacksim"
)

// receiver plays Slack's incoming webhooks. It keeps whatever arrives, also what it
// then answers with a fault, and has the simulated Slack judge each message.
type receiver struct {
	*httptest.Server
	t     *testing.T
	judge *slacksim.Server

	mu     sync.Mutex
	hooks  map[string]string    // the judge's webhook by the name in the path
	got    map[string][]arrival // by the name in the path
	news   chan struct{}
	takes  time.Duration // how long each answer takes
	answer func(name string, n int) (status int, body string, header http.Header)
}

// arrival is a message.
type arrival struct {
	text string
	at   time.Time
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{
		t: t, judge: slacksim.New(slacksim.Options{BaseURL: "http://slack.invalid"}),
		hooks: map[string]string{}, got: map[string][]arrival{}, news: make(chan struct{}),
	}
	t.Cleanup(r.judge.Close)
	r.Server = httptest.NewServer(http.HandlerFunc(r.take))
	t.Cleanup(r.Close)
	return r
}

// url is a webhook's.
func (r *receiver) url(name string) string {
	return r.URL + "/services/T0001/" + name + "/" + webhookSecret
}

func (r *receiver) take(w http.ResponseWriter, req *http.Request) {
	data, err := io.ReadAll(req.Body)
	if err != nil {
		return // the sender was killed
	}
	name := strings.Split(req.URL.Path, "/")[3]
	r.validate(name, req.Header.Get("Content-Type"), data)
	var body struct{ Text string }
	if err := json.Unmarshal(data, &body); err != nil {
		http.Error(w, "invalid_payload", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	r.got[name] = append(r.got[name], arrival{body.Text, time.Now()})
	n, answer, takes := len(r.got[name]), r.answer, r.takes
	close(r.news)
	r.news = make(chan struct{})
	r.mu.Unlock()
	time.Sleep(takes)
	status, text := http.StatusOK, "ok"
	if answer != nil {
		var h http.Header
		status, text, h = answer(name, n)
		for k, v := range h {
			w.Header()[k] = v
		}
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// validate has the simulated Slack judge a message.
func (r *receiver) validate(name, contentType string, data []byte) {
	r.mu.Lock()
	if r.hooks[name] == "" {
		r.hooks[name] = r.judge.AddWebhook(name)
	}
	hook, err := url.Parse(r.hooks[name])
	r.mu.Unlock()
	if err != nil {
		r.t.Error(err)
		return
	}
	post := httptest.NewRequest(http.MethodPost, hook.Path, bytes.NewReader(data))
	post.Header.Set("Content-Type", contentType)
	answer := httptest.NewRecorder()
	r.judge.ServeHTTP(answer, post)
	if answer.Code != http.StatusOK {
		r.t.Errorf("Slack would answer %d %s to %s", answer.Code, answer.Body, data)
	}
}

// faults makes the receiver answer the nth message, from 1, to each name as f says.
func (r *receiver) faults(f func(name string, n int) (status int, body string, header http.Header)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

// slow makes each answer take a while.
func (r *receiver) slow(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.takes = d
}

// arrivals returns what arrived, in order.
func (r *receiver) arrivals(name string) []arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]arrival(nil), r.got[name]...)
}

func (r *receiver) texts(name string) []string {
	var out []string
	for _, a := range r.arrivals(name) {
		out = append(out, a.text)
	}
	return out
}

// total is how many messages arrived in all.
func (r *receiver) total() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, got := range r.got {
		n += len(got)
	}
	return n
}

// wait waits until what arrived is as it should be. It gives up when nothing more
// arrives.
func (r *receiver) wait(t *testing.T, what string, enough func() bool) {
	t.Helper()
	for {
		late := time.After(patience)
		r.mu.Lock()
		news := r.news
		r.mu.Unlock()
		if enough() {
			return
		}
		select {
		case <-news:
		case <-late:
			t.Fatalf("%s did not arrive", what)
		}
	}
}
