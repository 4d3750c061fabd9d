package slacksim

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// method is one of the Web API's methods.
type method struct {
	// scopes: the token needs one of these; none: any token will do.
	scopes []string
	// tier is how many calls a minute each workspace may make; 0: see special.
	tier int
	// form: the method reads forms only. The arguments in a JSON body are ignored,
	// as Slack does.
	form bool
	// open: no bot's token is needed.
	open bool
	run  func(*call) (reply, *apiError)
}

// reply is what a call answers besides "ok".
type reply map[string]any

// apiError is an answer that says no.
type apiError struct {
	code     string
	why      string   // for people; Slack does not tell
	messages []string // response_metadata.messages
	more     reply
}

func no(code, format string, a ...any) *apiError {
	return &apiError{code: code, why: fmt.Sprintf(format, a...)}
}

// call is one call of the Web API, made while s.mu is held.
type call struct {
	*Server
	args
	method string
	header http.Header
	token  *token
	after  []func() // run once s.mu is free
}

// methods is the table of what the Web API can do here. The tiers and scopes are
// those of https://docs.slack.dev/reference/methods.
func methods() map[string]method {
	return map[string]method{
		"api.test":              {tier: 100, open: true, run: func(*call) (reply, *apiError) { return reply{}, nil }},
		"auth.test":             {tier: 100, run: (*call).authTest},
		"auth.revoke":           {tier: 50, run: (*call).authRevoke},
		"apps.uninstall":        {tier: 1, run: (*call).appsUninstall},
		"apps.connections.open": {tier: 1, open: true, run: (*call).connectionsOpen},
		"oauth.v2.access":       {tier: 100, form: true, open: true, run: (*call).oauthAccess},
		"bots.info":             {scopes: []string{"users:read"}, tier: 50, form: true, run: (*call).botsInfo},
		"team.info":             {scopes: []string{"team:read"}, tier: 50, form: true, run: (*call).teamInfo},
		"users.info":            {scopes: []string{"users:read"}, tier: 100, form: true, run: (*call).usersInfo},
		"users.list":            {scopes: []string{"users:read"}, tier: 20, form: true, run: (*call).usersList},
		"users.lookupByEmail":   {scopes: []string{"users:read.email"}, tier: 50, form: true, run: (*call).usersLookup},
		"conversations.open":    {scopes: []string{"im:write"}, tier: 50, run: (*call).conversationsOpen},
		"conversations.info":    {scopes: []string{"channels:read", "groups:read", "im:read"}, tier: 50, form: true, run: (*call).conversationsInfo},
		"conversations.list":    {scopes: []string{"channels:read", "groups:read", "im:read"}, tier: 20, form: true, run: (*call).conversationsList},
		"conversations.join":    {scopes: []string{"channels:join"}, tier: 50, run: (*call).conversationsJoin},
		"chat.postMessage":      {scopes: []string{"chat:write"}, run: (*call).postMessage},
		"chat.postEphemeral":    {scopes: []string{"chat:write"}, tier: 100, run: (*call).postEphemeral},
		"chat.update":           {scopes: []string{"chat:write"}, tier: 50, run: (*call).update},
		"chat.delete":           {scopes: []string{"chat:write"}, tier: 50, run: (*call).deleteMessage},
		"chat.getPermalink":     {tier: 100, form: true, run: (*call).getPermalink},
		"views.open":            {tier: 100, run: (*call).viewsOpen},
		"views.push":            {tier: 100, run: (*call).viewsPush},
		"views.update":          {tier: 100, run: (*call).viewsUpdate},
		"views.publish":         {tier: 100, run: (*call).viewsPublish},
	}
}

// args are a call's arguments: a form's fields, or the fields of a JSON object.
type args map[string]string

// readArgs takes the arguments out of a request, and the token of a form.
func readArgs(r *http.Request, raw []byte) (a args, isJSON bool, _ *apiError) {
	a = args{}
	take := func(form url.Values) {
		for name, v := range form {
			a[name] = v[0]
		}
	}
	take(r.URL.Query())
	if len(raw) == 0 {
		return a, false, nil
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return a, false, no("missing_post_type", "the body has no Content-Type")
	}
	if cs := strings.ToLower(params["charset"]); cs != "" && cs != "utf-8" && cs != "utf8" && cs != "iso-8859-1" {
		return a, false, no("invalid_charset", "the charset is %q", cs)
	}
	switch media {
	case "application/json":
		return a, true, a.readJSON(raw)
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return a, false, no("invalid_form_data", "the body is not a form")
		}
		take(form)
	case "multipart/form-data":
		if err := readMultipart(a, raw, params["boundary"]); err != nil {
			return a, false, no("invalid_form_data", "the body is not a form: %v", err)
		}
	default:
		return a, false, no("invalid_post_type", "the Content-Type is %q", media)
	}
	return a, false, nil
}

// readJSON keeps strings as they are and everything else as JSON, which is how a
// form would have it.
func (a args) readJSON(raw []byte) *apiError {
	var o map[string]json.RawMessage
	if err := json.Unmarshal(raw, &o); err != nil {
		return no("invalid_json", "the body is not a JSON object: %v", err)
	}
	for name, v := range o {
		var text string
		switch {
		case string(v) == "null":
		case json.Unmarshal(v, &text) == nil:
			a[name] = text
		default:
			a[name] = string(v)
		}
	}
	delete(a, "token") // a JSON body does not carry a token
	return nil
}

// yes reads a boolean argument.
func (a args) yes(name string) bool { return a[name] == "true" || a[name] == "1" }

// serveAPI answers a call of the Web API.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if !s.wait(r) {
		return
	}
	c := &call{Server: s, method: r.PathValue("method"), header: r.Header}
	var isJSON bool
	var bad *apiError
	if err == nil {
		c.args, isJSON, bad = readArgs(r, raw)
	} else {
		bad = no("request_timeout", "the body could not be read or is over 1 MiB")
	}
	s.mu.Lock()
	out := s.answerCall(c, isJSON, bad)
	s.mu.Unlock()
	for _, do := range c.after {
		do()
	}
	if out.hang {
		select {
		case <-r.Context().Done():
		case <-s.done:
		}
	}
	if out.hang || out.hangUp {
		panic(http.ErrAbortHandler) // the http package's way to cut the connection
	}
	h := w.Header()
	if c.token != nil {
		h.Set("X-Oauth-Scopes", strings.Join(c.token.install.scopes, ","))
	}
	if out.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((out.retryAfter+time.Second-1)/time.Second)))
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(out.status)
	_, _ = w.Write(out.body)
}

// outcome is how a call ends.
type outcome struct {
	status     int
	body       []byte
	retryAfter time.Duration
	hang       bool
	hangUp     bool
}

// answerCall judges and runs a call; s.mu is held.
func (s *Server) answerCall(c *call, isJSON bool, bad *apiError) outcome {
	var order *Fault
	if f := s.faults[c.method]; len(f) > 0 {
		order, s.faults[c.method] = &f[0], f[1:]
		if !order.Store {
			return s.failed(c, *order)
		}
	}
	out, e := s.run(c, isJSON, bad)
	if order != nil {
		return s.failed(c, *order)
	}
	if e != nil && e.code == "ratelimited" {
		after, _ := e.more["after"].(time.Duration)
		s.keep(Refusal{Method: c.method, Status: http.StatusTooManyRequests, Body: e.code, Why: e.why})
		return outcome{status: http.StatusTooManyRequests, body: encode(reply{"ok": false, "error": e.code}), retryAfter: after}
	}
	if e != nil {
		s.keep(Refusal{Method: c.method, Channel: c.args["channel"], Status: http.StatusOK, Body: e.code, Why: e.why})
		body := reply{"ok": false, "error": e.code}
		for name, v := range e.more {
			body[name] = v
		}
		if len(e.messages) > 0 {
			body["response_metadata"] = reply{"messages": e.messages}
		}
		return outcome{status: http.StatusOK, body: encode(body)}
	}
	if out == nil {
		out = reply{}
	}
	out["ok"] = true
	return outcome{status: http.StatusOK, body: encode(out)}
}

// run runs a call that no test spoils.
func (s *Server) run(c *call, isJSON bool, bad *apiError) (reply, *apiError) {
	m, known := methods()[c.method]
	switch {
	case !known:
		return nil, no("unknown_method", "this simulator does not know %s", c.method)
	case bad != nil:
		return nil, bad
	}
	secret := c.args["token"]
	if bearer, ok := strings.CutPrefix(c.header.Get("Authorization"), "Bearer "); ok {
		secret = bearer
	}
	if isJSON && m.form {
		c.args = args{} // the method does not read JSON
	}
	if !m.open {
		t, e := s.authenticate(secret)
		if e != nil {
			return nil, e
		}
		c.token = t
		if e := c.needs(m.scopes...); e != nil {
			return nil, e
		}
	}
	c.args["token"] = secret
	if m.tier > 0 {
		if e := c.limit(c.method, m.tier, time.Minute); e != nil {
			return nil, e
		}
	}
	return m.run(c)
}

// authenticate finds a bot's token; s.mu is held.
func (s *Server) authenticate(secret string) (*token, *apiError) {
	t := s.tokens[secret]
	switch {
	case secret == "":
		return nil, no("not_authed", "there is no token")
	case strings.HasPrefix(secret, "xapp-"):
		return nil, no("not_allowed_token_type", "an app's token is for Socket Mode")
	case t == nil:
		return nil, no("invalid_auth", "nobody has this token")
	case t.dead != "":
		return nil, no(t.dead, "the token was revoked, or the app removed")
	case !t.expires.IsZero() && !s.opts.Now().Before(t.expires):
		return nil, no("token_expired", "the token's twelve hours are over")
	case s.disabled:
		return nil, no("account_inactive", "the workspace is disabled")
	}
	return t, nil
}

// needs checks that the token has one of the scopes.
func (c *call) needs(scopes ...string) *apiError {
	if len(scopes) == 0 || slices.ContainsFunc(scopes, c.has) {
		return nil
	}
	have := strings.Join(c.token.install.scopes, ",")
	e := no("missing_scope", "the token has %s and needs %s", have, strings.Join(scopes, " or "))
	e.more = reply{"needed": scopes[0], "provided": have}
	return e
}

func (c *call) has(scope string) bool { return slices.Contains(c.token.install.scopes, scope) }

// limit counts a call, and refuses it where there were most within the window.
func (c *call) limit(what string, most int, window time.Duration) *apiError {
	if !c.opts.RateLimit {
		return nil
	}
	key := what
	if c.token != nil {
		key += " " + c.token.install.user.ID
	}
	now := c.opts.Now()
	recent := slices.DeleteFunc(c.calls[key], func(at time.Time) bool { return now.Sub(at) >= window })
	c.calls[key] = recent
	if len(recent) >= most {
		e := no("ratelimited", "more than %d calls within %s: %s", most, window, what)
		e.more = reply{"after": recent[0].Add(window).Sub(now)}
		return e
	}
	c.calls[key] = append(recent, now)
	return nil
}

// failed answers as a test ordered.
func (s *Server) failed(c *call, f Fault) outcome {
	out := outcome{status: f.Status, body: []byte(f.Body), retryAfter: f.RetryAfter, hang: f.Hang, hangUp: f.Status == 0 && f.Code == ""}
	switch {
	case f.Code != "":
		out.status, out.body = http.StatusOK, encode(reply{"ok": false, "error": f.Code})
	case f.Status == http.StatusTooManyRequests && f.Body == "":
		out.body = encode(reply{"ok": false, "error": "ratelimited"})
	}
	s.keep(Refusal{Method: c.method, Status: out.status, Body: string(out.body), Why: "ordered by a test", Ordered: true})
	return out
}

// encode makes JSON of values of ours, which can't fail.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte(`{"ok":false,"error":"internal_error"}`)
	}
	return b
}
