package slackbot

import (
	"errors"

	"procyon/client"
)

// notLet is said to people for whom the server lets nobody act.
const notLet = "Procyon does not let you do this: your account there may be switched off. Ask an administrator."

// What is said where the server did not do what it was asked for, and had nothing against it.
const (
	notInTime  = "Procyon did not answer in time. Please try again in a minute; nothing is done twice."
	notCertain = "Procyon can't say whether that was done. Look at how things are now (/procyon requests, /procyon approvals), or just try again: nothing is done twice."
	notTrusted = "Procyon's server does not let its Slack bot in, so nothing was done. Ask an administrator to give the bot another token."
	notFitting = "Procyon's Slack bot and its server don't fit together, so nothing was done: perhaps one of them is of an older release. Ask an administrator."
	notRight   = "Something went wrong in Procyon. Please try again in a minute, nothing is done twice; if it stays so, ask an administrator"
)

// troubleWords are what is said for each code that the server's errors can have, and for
// those of its client. Where it is "", the error's own message is said: it is written for
// people, and says what to do.
var troubleWords = map[string]string{
	"INVALID":     "",
	"NOT_FOUND":   "",
	"DUPLICATE":   "",
	"CONFLICT":    "",
	"IN_USE":      "",
	"SELF_REVIEW": "",
	"LIMITED":     "",

	"NOT_SIGNED":       "", // of receipts, which the bot does not ask for
	"NO_SIGNING_KEY":   "",
	"RECEIPT_TOO_LONG": "",

	client.CodeForbidden:       notLet,
	client.CodeUnauthenticated: notTrusted,
	"UNKNOWN_OUTCOME":          notCertain,
	"INTERNAL":                 notRight,

	"TIMEOUT":              notInTime,
	"UNAVAILABLE":          notInTime,
	"INTERRUPTED":          notInTime,
	"TOO_MANY_OPERATIONS":  notInTime,
	"TOO_MANY_REQUESTS":    notInTime,
	"TOO_MANY_CONNECTIONS": notInTime,
	client.CodeNetwork:     notInTime,
	client.CodeHTTP:        notInTime, // of something before the server
	client.CodeClosed:      notInTime,

	"LEASE":                     notFitting, // no person asks for it
	"BAD_REQUEST":               notFitting,
	"GRAPHQL_PARSE_FAILED":      notFitting,
	"GRAPHQL_VALIDATION_FAILED": notFitting,
	"QUERY_TOO_LONG":            notFitting,
	"QUERY_TOO_DEEP":            notFitting,
	"QUERY_TOO_COSTLY":          notFitting,
	"LIST_TOO_LONG":             notFitting,
	"TOO_MANY_ALIASES":          notFitting,
	"TOO_MANY_DIRECTIVES":       notFitting,
	"EVENT_TOO_LONG":            notFitting,
	client.CodeCursorMismatch:   notFitting,
	client.CodeCursorExpired:    notFitting,
	client.CodeJournalChanged:   notFitting,
	client.CodeProtocol:         notFitting,
}

// failure is what the server said.
type failure struct {
	code, words string
	expected    bool   // in a mutation's payload
	id          string // in the server's log
}

// failureOf reads an error of the server's, in whichever form it came: in a mutation's
// payload, or in place of an answer. ok is false where the server said nothing.
func failureOf(err error) (f failure, ok bool) {
	var users client.UserErrors
	if errors.As(err, &users) && len(users) > 0 {
		return failure{code: users[0].Code, words: users[0].Message, expected: true}, true
	}
	var e *client.Error
	if !errors.As(err, &e) {
		return failure{}, false
	}
	f = failure{code: e.Code, words: e.Message}
	if len(e.Errors) > 0 {
		f.id, _ = e.Errors[0].Extensions["id"].(string)
	}
	return f, true
}

// refusalOf is the failure where the server understood what was asked for, and refuses it:
// its words are for the person.
func refusalOf(err error) (f failure, ok bool) {
	f, ok = failureOf(err)
	words, known := troubleWords[f.code]
	return f, ok && f.words != "" && (f.expected || known && words == "")
}

// refusal is what the server had against it, "" where that was not the trouble.
func refusal(err error) string {
	if f, ok := refusalOf(err); ok {
		return f.words
	}
	return ""
}

// trouble says in plain words why something could not be done. A refusal is told as what it
// is; only what may pass is told as an outage, and is logged.
func (b *Bot) trouble(what string, err error) *answer {
	if text := refusal(err); text != "" {
		return say(text)
	}
	f, answered := failureOf(err)
	words := troubleWords[f.code]
	switch {
	case words == notLet:
		return say(words)
	case !answered: // the time was over, or it could not be asked at all
		words = notInTime
	case words == notRight && f.id != "":
		words += ", and name " + f.id
	case words == "": // a code of a newer release
		words = notFitting
	}
	if words[len(words)-1] != '.' {
		words += "."
	}
	b.log.Warn("can't answer Slack", "what", what, "error", err)
	return say(words)
}
