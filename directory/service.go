package directory

import (
	"context"
	"errors"
	"strconv"
	"time"

	"procyon/access"
	"procyon/directory/scim"
	"procyon/store"
)

// Service is the directory. It is safe for concurrent use, by several servers too.
type Service struct {
	access *access.Service
	docs   store.Documents
	now    func() time.Time
	by     func(context.Context) access.Actor
	over   func(ctx context.Context, userID string) error
	users  pages
	groups pages
	scans  chan struct{} // holds a token for each list that may be looked through at once
}

var _ scim.Directory = (*Service)(nil)

// Options are the Service's surroundings. All are needed.
type Options struct {
	Access *access.Service
	Docs   store.Documents
	Now    func() time.Time
	By     func(context.Context) access.Actor // who calls
	// Over clears away the sessions and tokens of somebody who is disabled. These open
	// nothing any more; see auth.Service.EndDisabled.
	Over func(ctx context.Context, userID string) error
}

// New makes a Service.
func New(o Options) *Service {
	return &Service{access: o.Access, docs: o.Docs, now: o.Now, by: o.By, over: o.Over, scans: make(chan struct{}, scansAtOnce)}
}

// inWords says an error of the domain in the protocol's words. id is the field that names
// what the call is about: who is not there is not found; any other field is a wrong value.
func inWords(err error, id string) error {
	var e *access.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch {
	case e.Code == access.CodeNotFound && e.Field == id:
		return scim.NotFound("%s", e.Message)
	case e.Code == access.CodeDuplicate:
		return scim.Uniqueness("%s", e.Message)
	case e.Code == access.CodeForbidden:
		return scim.Forbidden("%s", e.Message)
	case e.Code == access.CodeConflict:
		return &scim.Error{Status: 409, Detail: e.Message}
	case e.Code == access.CodeLimited:
		return scim.TooMany("%s", e.Message)
	case e.Field != "":
		return scim.InvalidValue("%s: %s", e.Field, e.Message)
	}
	return scim.InvalidValue("%s", e.Message)
}

// version is how the protocol sees a subject's version.
func version(v uint64) string { return strconv.FormatUint(v, 10) }
