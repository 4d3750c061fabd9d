package auth

import (
	"context"
	"strings"
)

// AuthenticateInit does what Authenticate does with the payload of a WebSocket's
// connection_init. It finds the token in any of the forms that clients use:
//
//	{"authorization": "Bearer …"}
//	{"headers": {"Authorization": "Bearer …"}}
//	{"token": "…"}
//	{"authToken": "…"}
//
// and whom to act for in {"actFor": "usr_…"} and {"headers": {"Procyon-Act-For": "usr_…"}}.
// authorization, and the names in headers, are headers' names, in any letter case; the
// other keys are as they stand here. null is as good as absent, and keys that are not
// named here are others' business. What is given more than once must be the same each
// time, and what is given must be understood; else it is ErrUnauthenticated, or
// ErrForbidden of whom to act for. Where there is no token, the principal stays that the
// upgrade request gave to ctx.
func (s *Service) AuthenticateInit(ctx context.Context, payload map[string]any) (context.Context, error) {
	given, err := readInit(payload)
	if err != nil {
		return ctx, err
	}
	p := From(ctx)
	if given.secret != nil {
		if p, err = s.byToken(ctx, *given.secret); err != nil {
			return ctx, err
		}
	}
	if given.actFor != nil {
		if p == nil {
			return ctx, errActing
		}
		if p, err = s.act(ctx, p, *given.actFor); err != nil {
			return ctx, err
		}
	}
	if p == nil {
		return ctx, nil
	}
	return WithPrincipal(ctx, p), nil
}

var (
	errInit        = unauthenticated(`connection_init holds a token that is not understood: {"authorization": "Bearer …"} or {"token": "…"}`)
	errInitTwo     = unauthenticated("connection_init holds different tokens: send one")
	errInitHeaders = unauthenticated("headers in connection_init must be an object")
	errActingTwo   = forbidden("connection_init names different people to act for: name one")
)

// initial is what a payload of connection_init says of who it is from; nil where it says
// nothing.
type initial struct{ secret, actFor *string }

func readInit(payload map[string]any) (initial, error) {
	var in initial
	for key, v := range payload {
		var err error
		switch {
		case v == nil:
		case key == "headers":
			err = in.headers(v)
		case key == "token" || key == "authToken":
			err = in.token(v)
		case key == "actFor":
			err = in.act(v)
		case strings.EqualFold(key, "authorization"):
			err = in.authorization(v)
		}
		if err != nil {
			return in, err
		}
	}
	return in, nil
}

func (in *initial) headers(v any) error {
	headers, ok := v.(map[string]any)
	if !ok {
		return errInitHeaders
	}
	for name, v := range headers {
		var err error
		switch {
		case v == nil:
		case strings.EqualFold(name, "authorization"):
			err = in.authorization(v)
		case strings.EqualFold(name, ActForHeader):
			err = in.act(v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (in *initial) authorization(v any) error {
	text, _ := v.(string)
	secret, ok := parseBearer(text)
	if !ok {
		return errInit
	}
	return once(&in.secret, secret, errInitTwo)
}

func (in *initial) token(v any) error {
	secret, ok := v.(string)
	if !ok {
		return errInit
	}
	return once(&in.secret, secret, errInitTwo)
}

func (in *initial) act(v any) error {
	id, ok := v.(string)
	if !ok {
		return errActing
	}
	return once(&in.actFor, id, errActingTwo)
}

// once sets what is not set yet, and returns differs where it is set to something else.
func once(into **string, value string, differs error) error {
	if *into != nil && **into != value {
		return differs
	}
	*into = &value
	return nil
}
