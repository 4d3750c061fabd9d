package app

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"time"

	"procyon/access"
	"procyon/auth"
	"procyon/catalogfile"
	"procyon/catalogimport"
	"procyon/graph"
	"procyon/graph/transport"
	"procyon/internal/admission"
)

const (
	// fileIn is how long a file has to come in: it is longer than other bodies.
	fileIn = 60 * time.Second
	// fileAnswer is how long it may take to check it, and for the answer to arrive.
	fileAnswer = 60 * time.Second
)

// formats are the media types of files.
var formats = map[string]catalogfile.Format{"text/csv": catalogfile.CSV, "application/json": catalogfile.JSON}

// checkCatalog takes a file of accounts, gateways and resources, checks it, and answers with
// the ID of the import that it can become: {"importId": "imp_…"}. Whoever may import may do
// that. What was found is read by GraphQL. The file's rows are read as it comes in.
//
// Neither media type is one that a form of another site could send.
func (a *App) checkCatalog(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	format, known := formats[media]
	if !known {
		transport.Refuse(w, r, http.StatusUnsupportedMediaType, transport.CodeBadRequest, "Send the file as text/csv or application/json, and say which in Content-Type.")
		return
	}
	if err := graph.MayUse(ctx, "Mutation", "importCatalog"); err != nil {
		a.refuseCaller(w, r, err)
		return
	}
	control := http.NewResponseController(w)
	if err := errors.Join(control.SetReadDeadline(time.Now().Add(fileIn)), control.SetWriteDeadline(time.Now().Add(fileIn+fileAnswer))); err != nil && !errors.Is(err, http.ErrNotSupported) {
		panic(http.ErrAbortHandler) // the connection is gone
	}
	file := catalogimport.File{Name: r.URL.Query().Get("name"), Format: format, Content: http.MaxBytesReader(w, r.Body, catalogfile.MaxBytes)}
	checked, err := a.Imports.Check(ctx, auth.From(ctx).Actor, file, func() error { return a.Auth.Valid(ctx) })
	if err != nil {
		a.refuseFile(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprintf(w, "{\"importId\":%q}\n", checked.ID) // an ID has nothing that JSON writes otherwise
}

// refuseFile says why a file was not checked.
func (a *App) refuseFile(w http.ResponseWriter, r *http.Request, err error) {
	var long *http.MaxBytesError
	var expected *access.Error
	switch {
	case errors.As(err, &long):
		transport.Refuse(w, r, http.StatusRequestEntityTooLarge, transport.CodeBadRequest, "The file is longer than 16 MiB. Divide it, and import the parts one after the other.")
	case admission.Late(err):
		transport.Refuse(w, r, http.StatusRequestTimeout, transport.CodeBadRequest, "The file did not come in time; send it again.")
	case errors.As(err, &expected) && expected.Code == access.CodeLimited:
		w.Header().Set("Retry-After", "5")
		transport.Refuse(w, r, http.StatusTooManyRequests, string(expected.Code), expected.Message)
	case errors.As(err, &expected):
		transport.Refuse(w, r, http.StatusUnprocessableEntity, string(expected.Code), expected.Message)
	case errors.Is(err, auth.ErrUnauthenticated), errors.Is(err, auth.ErrForbidden), errors.Is(err, auth.ErrRightsChanged):
		a.refuseCaller(w, r, err)
	default:
		if r.Context().Err() == nil { // else they have hung up
			a.log.Error("a file can't be checked", "error", err)
		}
		transport.Refuse(w, r, http.StatusInternalServerError, graph.CodeInternal, "The file could not be checked; the log says why. Nothing was written.")
	}
}
