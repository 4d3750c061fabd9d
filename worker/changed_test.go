package worker

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/client"
)

// lines counts what is logged.
type lines struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.buf.String(), what)
}

// A worker whose place is not in the journal goes back to where the server has its
// consumer, and says so once.
func TestAChangedJournalSendsItBack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for name, changed := range map[string]error{
			"the stream":  &client.Error{Code: client.CodeJournalChanged, Message: "restored"},
			"an advance":  client.UserErrors{{Code: client.CodeJournalChanged, Message: "restored"}},
			"an old form": &client.Error{Code: client.CodeCursorExpired, Message: "restored"},
		} {
			o, log := &office{}, &lines{}
			var began []string
			again := make(chan struct{})
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				done <- Run(ctx, Options{Client: o, Consumer: "tests", Holder: "one", Logger: slog.New(slog.NewTextHandler(log, nil))}, func(ctx context.Context, l *Lease) error {
					if began = append(began, l.Cursor); len(began) == 1 {
						return changed
					}
					close(again)
					return idle(ctx, l)
				})
			}()
			<-again
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if len(began) != 2 || o.epoch != 2 || log.count("level=ERROR") != 1 || log.count("the tests's place is not in the gateway's journal") != 1 || log.count("restored") != 1 {
				t.Errorf("%s: it began at %v; logged\n%s", name, began, log.buf.String())
			}
		}
	})
}

// Where the server does not have the consumer's place either, the worker stands still, is
// not silent about it, and goes on once somebody has reset the consumer.
func TestALostPlaceIsToldAndWaitedFor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		o, log := &office{err: client.UserErrors{{Code: client.CodeJournalChanged, Message: "acquire it with resetTo"}}}, &lines{}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		worked := make(chan struct{})
		go func() {
			done <- Run(ctx, Options{Client: o, Consumer: "tests", Logger: slog.New(slog.NewTextHandler(log, nil))}, func(ctx context.Context, l *Lease) error {
				close(worked)
				return idle(ctx, l)
			})
		}()
		after(time.Hour)
		if n := log.count("resetTo"); n < 10 || n > 13 || log.count("level=ERROR") != n {
			t.Errorf("told %d times in an hour", n)
		}
		o.set(func(o *office) { o.err = nil })
		<-worked
		stop()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
