package admission

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"time"
)

// Limits are what a Guard allows.
type Limits struct {
	Strangers        int64 // requests under way, and connections, whose senders are not known
	StrangersAddress int64 // of these from one address
	Body             int64 // bytes of one body
	ShortBody        int64 // bytes that every body may have; only what is beyond counts below
	LongBodies       int64 // bytes of all long bodies at once, beyond ShortBody each
	LongBodyAddress  int64 // of these from one address
}

// Options are a Guard's surroundings.
type Options struct {
	Limits Limits
	// Address is where a request comes from. Required.
	Address func(r *http.Request) string
	// Known tells whether a request's headers prove who sends it. It is asked only where
	// there is no place for strangers, so that a flood of these doesn't keep out those who
	// are known. nil: nobody is.
	Known func(r *http.Request) bool
	// Refuse answers a request that is not let in; Retry-After and Connection are set. nil
	// means plain text.
	Refuse func(w http.ResponseWriter, r *http.Request, status int, message string)
}

// Guard lets requests in. Each counts as a stranger's until its sender is known, and
// a long body as long as the request lasts. It is safe for concurrent use.
type Guard struct {
	opt       Options
	strangers *Quota
	long      *Quota
}

// NewGuard makes a Guard.
func NewGuard(o Options) *Guard {
	if o.Known == nil {
		o.Known = func(*http.Request) bool { return false }
	}
	if o.Refuse == nil {
		o.Refuse = func(w http.ResponseWriter, _ *http.Request, status int, message string) {
			http.Error(w, message, status)
		}
	}
	l := o.Limits
	return &Guard{opt: o, strangers: NewQuota(l.Strangers, l.StrangersAddress), long: NewQuota(l.LongBodies, l.LongBodyAddress)}
}

// Strangers is how many requests and connections are counted as strangers' now.
func (g *Guard) Strangers() int64 { return g.strangers.Taken() }

// refusal is why a request is not let in.
type refusal struct {
	status  int
	after   time.Duration // when to come again; 0: not with this request
	message string
}

// Wrap guards a handler. Where it refuses, nothing of the body is read but the
// beginning of one that does not say how long it is.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Requests that wait on a connection already would be served until the scheduler's
		// time slice is over, a hundred times that of one; others have their turn in between.
		runtime.Gosched()
		place := &Place{}
		defer place.handled()
		if refused := g.admit(r, place); refused != nil {
			g.refuse(w, r, refused)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), placeKey{}, place)))
	})
}

func (g *Guard) admit(r *http.Request, place *Place) *refusal {
	if r.ContentLength > g.opt.Limits.Body {
		return &refusal{http.StatusRequestEntityTooLarge, 0, "The body is longer than " + strconv.FormatInt(g.opt.Limits.Body, 10) + " bytes."}
	}
	from := Network(g.opt.Address(r))
	give, err := g.strangers.Take(from, 1)
	switch {
	case err == nil:
		place.stranger = give
	case g.opt.Known(r):
	case errors.Is(err, ErrShare):
		return &refusal{http.StatusTooManyRequests, retrySoon, "Too many requests from your address are under way without saying who sends them. Try again in a few seconds, or sign in."}
	default:
		return &refusal{http.StatusServiceUnavailable, retrySoon, "Too many requests are under way without saying who sends them. Try again in a few seconds, or sign in."}
	}
	return g.admitBody(r, from, place)
}

// retrySoon is how long whoever is refused should wait: places of strangers are
// free again within seconds.
const retrySoon = 5 * time.Second

// admitBody counts what a body has beyond a short one.
func (g *Guard) admitBody(r *http.Request, from string, place *Place) *refusal {
	length := r.ContentLength
	if length < 0 {
		short, err := g.begin(r)
		switch {
		case Late(err):
			return &refusal{http.StatusRequestTimeout, 0, "The body did not come in time."}
		case err != nil:
			return &refusal{http.StatusBadRequest, 0, "The body could not be read."}
		case !short:
			length = g.opt.Limits.Body // as much as it may have
		}
	}
	beyond := length - g.opt.Limits.ShortBody
	if beyond <= 0 {
		return nil
	}
	give, err := g.long.Take(from, beyond)
	if err != nil {
		return &refusal{http.StatusServiceUnavailable, retrySoon, "Too many long bodies are being received. Try again in a few seconds, or send one of at most " +
			strconv.FormatInt(g.opt.Limits.ShortBody, 10) + " bytes."}
	}
	place.Hold(give)
	return nil
}

// begin reads the beginning of a body of unknown length, and tells whether that is
// all of it. What follows is bounded by the longest body.
func (g *Guard) begin(r *http.Request) (short bool, err error) {
	body := r.Body
	start, err := io.ReadAll(io.LimitReader(body, g.opt.Limits.ShortBody+1))
	if err != nil {
		return false, err
	}
	short = int64(len(start)) <= g.opt.Limits.ShortBody
	var whole io.Reader = bytes.NewReader(start)
	if !short {
		whole = &bounded{from: io.MultiReader(whole, body), left: g.opt.Limits.Body, limit: g.opt.Limits.Body}
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{whole, body}
	return short, nil
}

// bounded is a body that must not have more than so many bytes.
type bounded struct {
	from        io.Reader
	left, limit int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.from.Read(p)
	if int64(n) > b.left {
		n, err = int(b.left), &http.MaxBytesError{Limit: b.limit}
	}
	b.left -= int64(n)
	return n, err
}

// refuse answers, and ends the connection: what is left of the body is not wanted.
func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, refused *refusal) {
	w.Header().Set("Connection", "close")
	if refused.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(refused.after.Seconds())))
	}
	g.opt.Refuse(w, r, refused.status, refused.message)
}
