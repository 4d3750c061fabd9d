package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"procyon/access"
	"procyon/auth"
	"procyon/graph/scalar"
	"procyon/graph/transport"
	"procyon/internal/admission"
	"procyon/journal"
)

// Role is that of people who may read the journal; tokens need one of the Scopes. The API's
// field says the same, which a test holds.
const Role = auth.RoleAdmin

// Scopes are those of tokens, any one of which is enough.
func Scopes() []string { return []string{auth.ScopeAdmin, auth.ScopeJournalRead} }

const (
	exportsAtOnce = 4 // that a server makes; one person or service has half of them
	page          = 256
	chunk         = 64 << 10
)

// Trailer is the field behind the body of a whole export that says so.
const Trailer = "Procyon-Export"

// Options of an Export.
type Options struct {
	Journal *journal.Journal
	Source  string // what CloudEvents name as theirs: the server's public address
	// Valid returns nil while the caller in ctx may go on as they began.
	Valid        func(context.Context) error
	Recheck      time.Duration // how often that is looked at; 0: every 2 s
	WriteTimeout time.Duration // for each part that a client takes; 0: 30 s
	Log          *slog.Logger
}

// Export streams the journal: it is GET /export/journal. It holds one page of entries and
// one chunk of text at a time, whatever the client does. What it gives is of the moment at
// which it was asked. Who calls must be in the request's context already. Close ends it.
type Export struct {
	Options

	kinds  map[access.Kind]string
	places *admission.Quota
	closed chan struct{}
	close  func()
}

// New makes an Export.
func New(o Options) *Export {
	if o.WriteTimeout == 0 {
		o.WriteTimeout = 30 * time.Second
	}
	if o.Recheck == 0 {
		o.Recheck = 2 * time.Second
	}
	e := &Export{Options: o, kinds: map[access.Kind]string{}, places: admission.NewQuota(exportsAtOnce, exportsAtOnce/2), closed: make(chan struct{})}
	e.close = sync.OnceFunc(func() { close(e.closed) })
	for name, kind := range SubjectKinds() {
		e.kinds[kind] = name
	}
	return e
}

// Close ends all exports under way, which then say that they are not whole.
func (x *Export) Close() { x.close() }

// ServeHTTP implements http.Handler.
func (x *Export) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		transport.Refuse(w, r, http.StatusMethodNotAllowed, transport.CodeBadRequest, "Ask for exports with GET.")
		return
	}
	who := auth.From(r.Context())
	if err := auth.Allows(who, Role, Scopes(), false); err != nil {
		x.refuse(w, r, err)
		return
	}
	q, err := parse(r.URL.Query())
	if err == nil {
		err = x.bound(r.Context(), &q)
	}
	if err != nil {
		x.refuse(w, r, err)
		return
	}
	give, err := x.places.Take(who.Actor.ID+"/"+who.Actor.ByID, 1)
	if err != nil {
		w.Header().Set("Retry-After", "10")
		transport.Refuse(w, r, http.StatusTooManyRequests, "TOO_MANY_REQUESTS", "Too many exports are under way: a server makes four at once, two of them for one person or service. Wait until one has ended.")
		return
	}
	defer give()
	x.stream(w, r, q)
}

// bound looks where an export begins and ends. It ends at the last entry of now.
func (x *Export) bound(ctx context.Context, q *query) error {
	if err := x.Journal.CatchUp(ctx); err != nil {
		return err
	}
	if err := x.Journal.Check(ctx, q.after); err != nil {
		return access.AtField("after", err)
	}
	if q.through.Seq == 0 {
		q.through = x.Journal.Last()
		return nil
	}
	return access.AtField("through", x.Journal.Check(ctx, q.through))
}

func (x *Export) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var known *access.Error
	switch {
	case errors.As(err, &known) && known.Code == access.CodeJournalChanged:
		transport.Refuse(w, r, http.StatusConflict, string(known.Code), known.Message)
	case errors.As(err, &known) && known.Code == access.CodeInvalid:
		transport.Refuse(w, r, http.StatusBadRequest, string(known.Code), known.Message)
	default:
		f := auth.RefusalOf(err)
		if f.Status >= http.StatusInternalServerError && r.Context().Err() == nil {
			x.Log.Error("the journal can't be exported", "error", err)
			f.Message = "The journal can't be read now; try again soon."
		}
		transport.Refuse(w, r, f.Status, f.Code, f.Message)
	}
}

// stream answers with the entries. Where it can't go on it says so in the body, and breaks
// the connection: what was cut short never looks whole.
func (x *Export) stream(w http.ResponseWriter, r *http.Request, q query) {
	who := auth.From(r.Context()).Actor
	began := time.Now()
	out := &output{w: w, control: http.NewResponseController(w), timeout: x.WriteTimeout, format: formats(x.Source)[q.format](), reached: q.after}
	h := w.Header()
	h.Set("Content-Type", out.format.mediaType())
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="procyon-journal-%s.%s"`, began.UTC().Format("20060102T150405Z"), ending(q.format)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Accel-Buffering", "no")
	if r.Method == http.MethodHead {
		return
	}
	h.Set("Trailer", Trailer)
	_ = out.control.SetReadDeadline(time.Time{}) // the server's, for the request, would end the answer
	err := x.entries(r.Context(), q, out)
	x.Log.Info("the journal was exported", "by", who.ID, "name", who.Name, "for", who.ByID, "via", who.Via, "format", q.format, "filtered", !q.filter.Whole() || q.filter.Subject != "",
		"entries", out.entries, "whole", err == nil, "took", time.Since(began).Round(time.Millisecond))
	if err == nil {
		h.Set(Trailer, "complete; entries="+strconv.Itoa(out.entries)+"; cursor="+scalar.FormatCursor(q.through))
		return
	}
	if r.Context().Err() == nil && !errors.Is(err, errUnread) {
		out.buf = out.format.cut(out.buf, x.why(err), scalar.FormatCursor(out.reached))
		_ = errors.Join(out.flush(), out.control.Flush()) // else the panic loses what net/http holds
	}
	panic(http.ErrAbortHandler) // net/http's way to break off an answer
}

var (
	errClosing = errors.New("the server is closing")
	errUnread  = errors.New("the client does not read")
)

// why says to the client why an export is not whole.
func (x *Export) why(err error) string {
	if errors.Is(err, errClosing) {
		return "The server stops; ask again in a moment."
	}
	var ended *endedError
	if errors.As(err, &ended) {
		return "Who asked for it may no longer read it."
	}
	x.Log.Error("an export of the journal was cut short", "error", err)
	return "The store could not be read."
}

// endedError says that the caller may not go on.
type endedError struct{ error }

// entries writes all entries that a query wants.
func (x *Export) entries(ctx context.Context, q query, out *output) error {
	out.buf = out.format.begin(out.buf)
	part := journal.Part{From: q.after.Seq, Through: q.through.Seq, Limit: page}
	checked := time.Now()
	for more := q.through.Seq > q.after.Seq; more; {
		select {
		case <-x.closed:
			return errClosing
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		if time.Since(checked) > x.Recheck {
			if err := x.Valid(ctx); err != nil {
				if auth.RefusalOf(err).Status != http.StatusServiceUnavailable { // else it can't be found out
					err = &endedError{err}
				}
				return err
			}
			checked = time.Now()
		}
		found, err := x.Journal.Find(ctx, q.filter, part)
		if err != nil {
			return err
		}
		for i := range found.Entries {
			if err := out.add(&found.Entries[i], x.kinds); err != nil {
				return err
			}
		}
		if found.Stop != nil {
			out.reached = *found.Stop
		}
		part.From, more = out.reached.Seq, found.More
	}
	out.buf = out.format.end(out.buf)
	return out.flush()
}

// output is what has been written of an export, and what is to be written next.
type output struct {
	w       http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
	format  format
	buf     []byte
	encoded []byte // of the entry that is being added
	entries int
	reached journal.Position // behind what is in buf, or was looked at and left out
}

func (o *output) add(e *journal.Entry, kinds map[access.Kind]string) error {
	r, err := newRecord(e, kinds[access.KindOf(e.Subject)], &o.encoded)
	if err == nil {
		o.buf, err = o.format.add(o.buf, &r)
	}
	if err != nil {
		return err
	}
	o.entries++
	o.reached = e.Position()
	if len(o.buf) < chunk {
		return nil
	}
	return o.flush()
}

// flush writes what there is. A client has a time of its own for each part.
func (o *output) flush() error {
	_ = o.control.SetWriteDeadline(time.Now().Add(o.timeout)) // a writer without deadlines is one of a test
	_, err := o.w.Write(o.buf)
	o.buf = o.buf[:0]
	if err != nil {
		return fmt.Errorf("%w: %w", errUnread, err)
	}
	return nil
}
