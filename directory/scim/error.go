package scim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// mediaType is that of all answers.
const mediaType = "application/scim+json"

const urnError = "urn:ietf:params:scim:api:messages:2.0:Error"

// Type is the scimType of an error (RFC 7644, table 9).
type Type string

// The types of errors.
const (
	TypeInvalidFilter Type = "invalidFilter"
	TypeTooMany       Type = "tooMany"
	TypeUniqueness    Type = "uniqueness"
	TypeMutability    Type = "mutability"
	TypeInvalidSyntax Type = "invalidSyntax"
	TypeInvalidPath   Type = "invalidPath"
	TypeNoTarget      Type = "noTarget"
	TypeInvalidValue  Type = "invalidValue"
	TypeSensitive     Type = "sensitive"
)

// Error is a refusal that the provider is told. Detail is for the person who reads the
// provider's log: it says what is wrong and what to do.
type Error struct {
	Status int
	Type   Type // "" where the protocol has none
	Detail string
}

func (e *Error) Error() string {
	if e.Type == "" {
		return fmt.Sprintf("%d: %s", e.Status, e.Detail)
	}
	return fmt.Sprintf("%d %s: %s", e.Status, e.Type, e.Detail)
}

// NotFound is for an ID that names nothing.
func NotFound(detail string, args ...any) *Error {
	return fault(http.StatusNotFound, "", detail, args...)
}

// Uniqueness is for a userName, address or ID that somebody else has.
func Uniqueness(detail string, args ...any) *Error {
	return fault(http.StatusConflict, TypeUniqueness, detail, args...)
}

// InvalidValue is for a value that its attribute can't have. detail names the attribute.
func InvalidValue(detail string, args ...any) *Error {
	return fault(http.StatusBadRequest, TypeInvalidValue, detail, args...)
}

// Mutability is for a change of what can't be changed.
func Mutability(detail string, args ...any) *Error {
	return fault(http.StatusBadRequest, TypeMutability, detail, args...)
}

// TooMany is for what would have to look at, or change, more than the server does at once.
func TooMany(detail string, args ...any) *Error {
	return fault(http.StatusBadRequest, TypeTooMany, detail, args...)
}

// Forbidden is for what this provider may not do.
func Forbidden(detail string, args ...any) *Error {
	return fault(http.StatusForbidden, "", detail, args...)
}

// tooLarge is for a body that has more than one request may have.
func tooLarge(detail string, args ...any) *Error {
	return fault(http.StatusRequestEntityTooLarge, TypeTooMany, detail, args...)
}

func invalidFilter(detail string, args ...any) *Error {
	return fault(http.StatusBadRequest, TypeInvalidFilter, detail, args...)
}

func invalidSyntax(detail string, args ...any) *Error {
	return fault(http.StatusBadRequest, TypeInvalidSyntax, detail, args...)
}

func invalidPath(detail string, args ...any) *Error {
	return fault(http.StatusBadRequest, TypeInvalidPath, detail, args...)
}

func noTarget(detail string, args ...any) *Error {
	return fault(http.StatusBadRequest, TypeNoTarget, detail, args...)
}

func fault(status int, t Type, detail string, args ...any) *Error {
	if len(args) > 0 {
		detail = fmt.Sprintf(detail, args...)
	}
	return &Error{Status: status, Type: t, Detail: detail}
}

// comeAgain is how many seconds whoever is told to come again should wait, unless somebody who
// knows better has said so.
const comeAgain = "5"

// WriteError answers a request with err in the protocol's form. A Retry-After that is set
// already stays.
func WriteError(w http.ResponseWriter, err *Error) {
	body, _ := json.Marshal(struct { //nolint:errchkjson // texts alone
		Schemas []string `json:"schemas"`
		Status  string   `json:"status"`
		Type    Type     `json:"scimType,omitempty"`
		Detail  string   `json:"detail,omitempty"`
	}{[]string{urnError}, strconv.Itoa(err.Status), err.Type, err.Detail})
	switch err.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if w.Header().Get("Retry-After") == "" {
			w.Header().Set("Retry-After", comeAgain)
		}
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(err.Status)
	w.Write(append(body, '\n'))
}
