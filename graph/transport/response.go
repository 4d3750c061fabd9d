package transport

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/graph/errorcode"
)

// CodeBadRequest is the extensions.code of a request that is no GraphQL request,
// or not one that its transport takes.
const CodeBadRequest = "BAD_REQUEST"

// CodeUnavailable is the extensions.code of what can't be done just now, and is worth
// another try.
const CodeUnavailable = "UNAVAILABLE"

// Codes of errors that end a stream of events.
const (
	// CodeInterrupted: it can go on after the last event.
	CodeInterrupted = "INTERRUPTED"
	// CodeEventTooLong: the next event has more bytes than one may have.
	CodeEventTooLong = "EVENT_TOO_LONG"
)

// CodeInternal is the extensions.code of a failure of ours; its detail is in the log.
const CodeInternal = "INTERNAL"

// failuref makes an error with a code in its extensions.
func failuref(code, format string, args ...any) *gqlerror.Error {
	return &gqlerror.Error{Message: fmt.Sprintf(format, args...), Extensions: map[string]any{"code": code}}
}

// encodeResponse returns the response as JSON, in bytes of its own. Request
// errors, which come without data, get no "data" at all, as the GraphQL
// specification has it.
func encodeResponse(resp *graphql.Response) []byte {
	out := append(make([]byte, 0, len(resp.Data)+64), '{')
	member := func(name string, value []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, '"')
		out = append(out, name...)
		out = append(out, `":`...)
		out = append(out, value...)
	}
	if len(resp.Errors) > 0 {
		member("errors", encodeErrors(resp.Errors))
	}
	if len(resp.Data) > 0 {
		member("data", resp.Data)
	}
	if len(resp.Extensions) > 0 {
		if extensions, err := json.Marshal(resp.Extensions); err == nil {
			member("extensions", extensions)
		}
	}
	return append(out, '}')
}

// EncodeResult returns a result of a subscription, or of an operation on a WebSocket,
// as JSON, in bytes of its own. It always has "data", null where there is none.
func EncodeResult(resp *graphql.Response) []byte {
	if len(resp.Data) == 0 {
		without := *resp
		without.Data = json.RawMessage("null")
		resp = &without
	}
	return encodeResponse(resp)
}

// encodeErrors returns errors as a JSON array, each with where its code is explained. An
// extension that cannot be encoded costs the errors their extensions, not the client its
// answer.
func encodeErrors(list gqlerror.List) []byte {
	list = documented(list)
	if out, err := json.Marshal(list); err == nil {
		return out
	}
	plain := make(gqlerror.List, len(list))
	for i, e := range list {
		plain[i] = &gqlerror.Error{Message: e.Message, Path: e.Path, Locations: e.Locations}
	}
	out, err := json.Marshal(plain)
	if err != nil {
		return []byte(`[{"message":"Internal error.","extensions":{"code":"INTERNAL"}}]`)
	}
	return out
}

// documented returns errors that say where their codes are explained, and leaves those
// that it is given as they are: several subscribers may share them.
func documented(list gqlerror.List) gqlerror.List {
	out := make(gqlerror.List, len(list))
	for i, e := range list {
		out[i] = e
		if code, _ := e.Extensions["code"].(string); errorcode.Known(code) {
			with := *e
			with.Extensions = maps.Clone(e.Extensions)
			with.Extensions["documentation"] = errorcode.Documentation(code)
			out[i] = &with
		}
	}
	return out
}

// comeAgain is how many seconds whoever is told to come again should wait, unless
// somebody who knows better has said so.
const comeAgain = "5"

// writeJSON answers a request with one JSON body of the media type, and with the headers
// that its status needs. Answers are the caller's own, so no cache may keep them.
func writeJSON(w http.ResponseWriter, media string, status int, body []byte) {
	h := w.Header()
	switch status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if h.Get("Retry-After") == "" {
			h.Set("Retry-After", comeAgain)
		}
	}
	h.Set("Content-Type", media+"; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone needs no answer
}

// refusal is why a request is refused before its operation is looked at.
type refusal struct {
	status int
	allow  string // methods, for the header that 405 needs
	err    *gqlerror.Error
}

func refusef(status int, format string, args ...any) *refusal {
	return &refusal{status: status, err: failuref(CodeBadRequest, format, args...)}
}

// write answers in the media type that the request likes best of those that a refusal
// can have; JSON where it takes neither, such as events alone.
func (f *refusal) write(w http.ResponseWriter, r *http.Request) {
	if f.allow != "" {
		w.Header().Set("Allow", f.allow)
	}
	media := accepted(r.Header, mediaJSON, mediaResponse)
	if media == "" {
		media = mediaJSON
	}
	writeJSON(w, media, f.status, encodeResponse(&graphql.Response{Errors: gqlerror.List{f.err}}))
}

// Refuse answers a request that is refused before a transport has it, as the transports
// do: a GraphQL response with one error, in the media type that the request accepts.
// Headers that are set already, such as Retry-After, stay.
func Refuse(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	(&refusal{status: status, err: failuref(code, "%s", message)}).write(w, r)
}
