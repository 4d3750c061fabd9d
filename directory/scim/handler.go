package scim

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const (
	// page is how many resources a page has where nobody says it.
	page = 100
	// maxSkip bounds startIndex.
	maxSkip = 1 << 30
)

// Options of a handler.
type Options struct {
	// BaseURL is where the handler is found from outside, without a slash at its end:
	// https://procyon.example.com/scim/v2.
	BaseURL string
	// DocumentationURL is where people read how a provider is connected; "" for none.
	DocumentationURL string
	// Log is told of errors that are the server's; nil: slog.Default().
	Log *slog.Logger
	// Report, if not nil, is told of each call that was answered, before it returns. It is not
	// told of those whose caller went away before.
	Report func(context.Context, Call)
}

// Call is a call that was answered.
type Call struct {
	Method   string
	Resource string // User, Group, or "" where it is about neither
	ID       string // of the resource in the path; "" for lists and creations
	Status   int
	// Changed says that the call changed something.
	Changed bool
	// Err says why the call was refused, nil where it was not. It is what was answered.
	Err *Error
}

// New returns the handler of the protocol. Paths begin with /Users, /Groups,
// /ServiceProviderConfig, /ResourceTypes or /Schemas. Who may call it, and how often, is the
// caller's to see to beforehand; WriteError says the refusal in the protocol's form.
func New(dir Directory, options Options) http.Handler {
	options.BaseURL = strings.TrimSuffix(options.BaseURL, "/")
	if options.Log == nil {
		options.Log = slog.Default()
	}
	h := &handler{options: options, resources: []resources{
		&users{dir, userType(), options.BaseURL},
		&groups{dir, groupType(), options.BaseURL},
	}}
	h.discovery = h.documents()
	return h
}

type handler struct {
	options   Options
	resources []resources
	discovery map[string]any // by path: a record, or a []record that is a list
}

// answer is what a call is answered with.
type answer struct {
	status   int
	body     any // nil for none
	tag      string
	location string
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := Call{Method: r.Method}
	a, err := h.route(w, r, &call)
	if err != nil {
		call.Err = h.refusal(r.Context(), err)
		call.Status = call.Err.Status
	} else {
		call.Status = a.status
	}
	if h.options.Report != nil && (err == nil || r.Context().Err() == nil) {
		h.options.Report(r.Context(), call)
	}
	if call.Err != nil {
		WriteError(w, call.Err)
		return
	}
	h.write(w, a)
}

// refusal is what is said of an error. One that is not meant for the caller is logged under a
// number, which is all that the caller learns of it.
func (h *handler) refusal(ctx context.Context, err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	number := rand.Text()[:8]
	if ctx.Err() == nil {
		h.options.Log.ErrorContext(ctx, "A SCIM call failed.", "error", err, "number", number)
	}
	return fault(http.StatusInternalServerError, "", "Something went wrong on the server; its log says what, under the number %s.", number)
}

func (h *handler) write(w http.ResponseWriter, a answer) {
	if a.tag != "" {
		w.Header().Set("ETag", a.tag)
	}
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	encoder.Encode(a.body) //nolint:errcheck,errchkjson // records hold what JSON has
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(a.status)
	w.Write(body.Bytes())
}

func (h *handler) route(w http.ResponseWriter, r *http.Request, call *Call) (answer, error) {
	path := strings.TrimSuffix(r.URL.Path, "/")
	if document, ok := h.discovery[strings.ToLower(path)]; ok {
		return h.discover(w, r, document)
	}
	for _, s := range h.resources {
		rest, ok := strings.CutPrefix(path, s.resource().endpoint)
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		call.Resource = s.resource().name
		switch id := strings.TrimPrefix(rest, "/"); {
		case id == "":
			return h.collection(w, r, s, call)
		case id == ".search":
			return h.search(w, r, s)
		case !strings.Contains(id, "/"):
			call.ID = id
			return h.one(w, r, s, call)
		}
	}
	switch path {
	case "/Me", "/Bulk", "/.search":
		return answer{}, fault(http.StatusNotImplemented, "", "%s is not supported; /ServiceProviderConfig says what is.", path)
	}
	return answer{}, NotFound("There is nothing at %s. There are /Users, /Groups, /ServiceProviderConfig, /ResourceTypes and /Schemas.", quote(r.URL.Path))
}

func methodNotAllowed(w http.ResponseWriter, r *http.Request, allowed string) (answer, error) {
	w.Header().Set("Allow", allowed)
	return answer{}, fault(http.StatusMethodNotAllowed, "", "%s is not supported here.", quote(r.Method))
}

// collection serves /Users and /Groups.
func (h *handler) collection(w http.ResponseWriter, r *http.Request, s resources, call *Call) (answer, error) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return h.list(r.Context(), s, r.URL.Query())
	case http.MethodPost:
		sel, err := chosen(s, r.URL.Query())
		if err != nil {
			return answer{}, err
		}
		body, err := readBody(w, r)
		if err != nil {
			return answer{}, err
		}
		made, err := s.create(r.Context(), body)
		call.Changed = err == nil
		return answerOne(http.StatusCreated, made, sel, err)
	}
	return methodNotAllowed(w, r, "GET, HEAD, POST")
}

// one serves a resource.
func (h *handler) one(w http.ResponseWriter, r *http.Request, s resources, call *Call) (answer, error) {
	sel, err := chosen(s, r.URL.Query())
	if err != nil {
		return answer{}, err
	}
	when := preconditionOf(r.Header, "If-Match")
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		found, err := s.get(r.Context(), call.ID, sel)
		a, err := answerOne(http.StatusOK, found, sel, err)
		if err == nil && preconditionOf(r.Header, "If-None-Match").meets(a.tag) {
			return answer{status: http.StatusNotModified, tag: a.tag}, nil
		}
		return a, err
	case http.MethodDelete:
		err := s.remove(r.Context(), call.ID, when)
		call.Changed = err == nil
		return answer{status: http.StatusNoContent}, err
	case http.MethodPut, http.MethodPatch:
		body, err := readBody(w, r)
		if err != nil {
			return answer{}, err
		}
		var changed record
		if r.Method == http.MethodPut {
			changed, call.Changed, err = s.replace(r.Context(), call.ID, when, body)
		} else {
			changed, call.Changed, err = s.patch(r.Context(), call.ID, when, body, sel)
		}
		return answerOne(http.StatusOK, changed, sel, err)
	}
	return methodNotAllowed(w, r, "GET, HEAD, PUT, PATCH, DELETE")
}

func answerOne(status int, r record, sel selection, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	if r == nil {
		return answer{status: http.StatusNoContent}, nil
	}
	meta, _ := r[attrMeta].(record)
	return answer{status: status, body: sel.of(r), tag: meta.text("version"), location: meta.text("location")}, nil
}

func chosen(s resources, params url.Values) (selection, error) {
	return selectionOf(s.resource(), names(params["attributes"]), names(params["excludedAttributes"]))
}

// names splits lists of names by their commas.
func names(lists []string) []string {
	var out []string
	for _, list := range lists {
		for name := range strings.SplitSeq(list, ",") {
			if strings.TrimSpace(name) != "" {
				out = append(out, name)
			}
			if len(out) > maxNames {
				return out
			}
		}
	}
	return out
}

// list answers a page of resources, as the parameters of a query ask for it.
func (h *handler) list(ctx context.Context, s resources, params url.Values) (answer, error) {
	sel, err := chosen(s, params)
	if err != nil {
		return answer{}, err
	}
	if params.Get("sortBy") != "" {
		return answer{}, InvalidValue("sortBy is not supported, as /ServiceProviderConfig says. Lists have an order that stays.")
	}
	start, err := number(params, "startIndex", 1)
	if err != nil {
		return answer{}, err
	}
	count, err := number(params, "count", page)
	if err != nil {
		return answer{}, err
	}
	q := query{text: strings.TrimSpace(params.Get("filter")), skip: min(max(start, 1)-1, maxSkip), count: min(max(count, 0), MaxPage)}
	if q.text != "" {
		if q.filter, err = bindFilter(s.resource(), q.text); err != nil {
			return answer{}, err
		}
	}
	found, total, err := s.list(ctx, q, sel)
	if err != nil {
		return answer{}, err
	}
	list := make([]record, len(found))
	for i, r := range found {
		list[i] = sel.of(r)
	}
	return answer{status: http.StatusOK, body: listOf(list, total, q.skip+1)}, nil
}

func listOf(list []record, total, start int) record {
	return record{attrSchemas: []string{urnList}, "totalResults": total, "startIndex": start, "itemsPerPage": len(list), "Resources": list}
}

// number reads a parameter; absent where it is missing.
func number(params url.Values, name string, absent int) (int, error) {
	s := params.Get(name)
	if s == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, InvalidValue("%s is a whole number, and got %s.", name, quote(s))
	}
	return n, nil
}

// search serves /Users/.search: a list whose parameters come in a body, so that no proxy logs
// them (RFC 7644, section 3.4.3).
func (h *handler) search(w http.ResponseWriter, r *http.Request, s resources) (answer, error) {
	if r.Method != http.MethodPost {
		return methodNotAllowed(w, r, "POST")
	}
	body, err := readBody(w, r)
	if err != nil {
		return answer{}, err
	}
	if err := checkSchemas(body, urnSearch); err != nil {
		return answer{}, err
	}
	params := url.Values{}
	for _, f := range body {
		name, ok := searchParameter(f.name)
		switch v := f.value.(type) {
		case string:
			params.Set(name, v)
		case json.Number:
			params.Set(name, v.String())
		case []any:
			for _, one := range v {
				s, _ := one.(string)
				params.Add(name, s)
			}
		}
		if !ok {
			return answer{}, invalidSyntax("A search has no parameter %s.", quote(f.name))
		}
	}
	return h.list(r.Context(), s, params)
}

func searchParameter(name string) (string, bool) {
	for _, known := range []string{attrSchemas, "attributes", "excludedAttributes", "filter", "sortBy", "sortOrder", "startIndex", "count"} {
		if strings.EqualFold(known, name) {
			return known, true
		}
	}
	return "", false
}

// readBody reads a JSON object.
func readBody(w http.ResponseWriter, r *http.Request) (object, error) {
	if t := r.Header.Get("Content-Type"); t != "" {
		media, params, err := mime.ParseMediaType(t)
		charset := params["charset"]
		if err != nil || media != mediaType && media != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
			return nil, fault(http.StatusUnsupportedMediaType, "", "Bodies are %s or application/json, in UTF-8, and this one is %s.", mediaType, quote(t))
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, fault(http.StatusRequestEntityTooLarge, "", "The body has more than %d bytes. Send what it says in several requests.", MaxBody)
	case err != nil:
		return nil, invalidSyntax("The body could not be read to its end.")
	}
	return parseObject(body)
}
