package slacksim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// TestSlackGo has slack-go drive every method that it knows.
func TestSlackGo(t *testing.T) {
	b := newBed(t, Options{})
	ctx := t.Context()
	who := must[*slack.AuthTestResponse](t)(b.api.AuthTestContext(ctx))
	if who.TeamID != "T0SIMULATED" || who.UserID != b.in.BotUserID || who.BotID != b.in.BotID {
		t.Errorf("%+v", who)
	}
	dev := must[*slack.User](t)(b.api.GetUserInfoContext(ctx, "U0DEV"))
	if dev.Name != "dev" || dev.Profile.Email != "dev@example.com" || dev.TeamID != "T0SIMULATED" {
		t.Errorf("%+v", dev)
	}
	if u := must[*slack.User](t)(b.api.GetUserByEmailContext(ctx, "ADA@example.com")); u.ID != "U0ADA" {
		t.Errorf("%+v", u)
	}
	if all := must[[]slack.User](t)(b.api.GetUsersContext(ctx, slack.GetUsersOptionLimit(2))); len(all) != 4 {
		t.Errorf("%d people, want three and the bot", len(all))
	}
	if team := must[*slack.TeamInfo](t)(b.api.GetTeamInfoContext(ctx)); team.Name != "Procyon demo" {
		t.Errorf("%+v", team)
	}
	if bot := must[*slack.Bot](t)(b.api.GetBotInfoContext(ctx, slack.GetBotInfoParameters{Bot: b.in.BotID})); bot.AppID != "A0PROCYON" {
		t.Errorf("%+v", bot)
	}
	id := must[string](t)(b.AddChannel("", "general", false))
	if c, _, _, err := b.api.JoinConversationContext(ctx, id); err != nil || c.Name != "general" {
		t.Errorf("%+v %v", c, err)
	}
	if c := must[*slack.Channel](t)(b.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})); !c.IsMember || c.IsPrivate {
		t.Errorf("%+v", c)
	}
	if cs, _, err := b.api.GetConversationsContext(ctx, &slack.GetConversationsParameters{Limit: 10}); err != nil || len(cs) != 1 {
		t.Errorf("%+v %v", cs, err)
	}
	dm, _, already, err := b.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{"U0DEV"}, ReturnIM: true})
	if err != nil || already || !strings.HasPrefix(dm.ID, "D") || dm.User != "U0DEV" {
		t.Errorf("%+v %v", dm, err)
	}
	channel, ts, err := b.api.PostMessageContext(ctx, dm.ID, slack.MsgOptionText("hello", false), slack.MsgOptionBlocks(paragraph("hello"), buttons("a")))
	if err != nil || channel != dm.ID {
		t.Fatal(err)
	}
	if _, _, _, err := b.api.UpdateMessageContext(ctx, dm.ID, ts, slack.MsgOptionText("changed", false)); err != nil {
		t.Error(err)
	}
	m := must[Message](t)(b.As("dev").ExpectDM(soon(t)))
	if m.Text != "changed" || m.Edits != 1 || m.Blocks != nil || m.TS != ts {
		t.Errorf("%+v: text without blocks must take their place", m)
	}
	if link := must[string](t)(b.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: dm.ID, Ts: ts})); !strings.HasPrefix(link, b.url+"/archives/D0") {
		t.Error(link)
	}
	if _, err := b.api.PostEphemeralContext(ctx, id, "U0ADA", slack.MsgOptionText("psst", false)); err != nil {
		t.Error(err)
	}
	if got := must[Message](t)(b.As("ada").ExpectEphemeral(soon(t))); got.Text != "psst" || len(b.Messages("general")) != 0 || len(b.As("dev").Messages("general")) != 0 {
		t.Errorf("%+v, or somebody else sees it", got)
	}
	if _, _, err := b.api.DeleteMessageContext(ctx, dm.ID, ts); err != nil || len(b.As("dev").DMs()) != 0 {
		t.Error(err)
	}
	b.clean()
}

func TestThreads(t *testing.T) {
	b := newBed(t, Options{})
	id := must[string](t)(b.AddChannel("", "general", false))
	_, ts, err := b.api.PostMessageContext(t.Context(), id, slack.MsgOptionText("parent", false))
	if err != nil {
		t.Fatal(err)
	}
	_, reply, err := b.api.PostMessageContext(t.Context(), "#general", slack.MsgOptionText("reply", false), slack.MsgOptionTS(ts))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.api.PostMessageContext(t.Context(), id, slack.MsgOptionText("reply to a reply", false), slack.MsgOptionTS(reply)); err != nil {
		t.Fatal(err)
	}
	for _, m := range b.Messages("general")[1:] {
		if m.Thread != ts || m.TS <= ts {
			t.Errorf("%+v", m)
		}
	}
	if _, _, err := b.api.PostMessageContext(t.Context(), id, slack.MsgOptionText("x", false), slack.MsgOptionTS("1.000001")); err == nil || err.Error() != "thread_not_found" {
		t.Error(err)
	}
}

// TestRefusals has each of Slack's words come for the reason that Slack has for it.
func TestRefusals(t *testing.T) {
	b := newBed(t, Options{})
	open, secret := must[string](t)(b.AddChannel("", "open", false)), must[string](t)(b.AddChannel("", "secret", true, "ada"))
	b.Archive("old")
	old := must[string](t)(b.AddChannel("", "old", false))
	said := must[Message](t)(b.As("ada").Say("open", "mine"))
	_, ts, err := b.api.PostMessageContext(t.Context(), open, slack.MsgOptionText("the app's", false))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.AddWorkspace(Workspace{ID: "T0POOR", Name: "Poor", People: []Profile{{ID: "U0POOR", Name: "po", Email: "po@example.com"}}}); err != nil {
		t.Fatal(err)
	}
	poor := must[Installed](t)(b.Install("T0POOR", "chat:write", "users:read"))
	poorChannel := must[string](t)(b.AddChannel("T0POOR", "open", false))
	long := strings.Repeat("x", 4001)
	for _, c := range []struct{ token, method, args, want string }{
		{"", "auth.test", "", "not_authed"},
		{"xoxb-made-up", "auth.test", "", "invalid_auth"},
		{"xapp-1-simulated", "auth.test", "", "not_allowed_token_type"},
		{b.in.Token, "no.such", "", "unknown_method"},
		{b.in.Token, "chat.postMessage", "text=x", "channel_not_found"},
		{b.in.Token, "chat.postMessage", "text=x&channel=C0NONE", "channel_not_found"},
		{b.in.Token, "chat.postMessage", "text=x&channel=" + secret, "channel_not_found"},
		{b.in.Token, "chat.postMessage", "text=x&channel=" + poorChannel, "channel_not_found"},
		{b.in.Token, "chat.postMessage", "text=x&channel=" + old, "is_archived"},
		{b.in.Token, "chat.postMessage", "text=%20&channel=" + open, "no_text"},
		{b.in.Token, "chat.postMessage", "text=x&blocks=%7B%7D&channel=" + open, "invalid_blocks_format"},
		{b.in.Token, "chat.postMessage", `text=x&blocks=[{"type":"header"}]&channel=` + open, "invalid_blocks"},
		{b.in.Token, "chat.postMessage", `text=x&metadata={}&channel=` + open, "invalid_metadata_format"},
		{b.in.Token, "chat.update", "text=x&channel=" + open + "&ts=1.1", "message_not_found"},
		{b.in.Token, "chat.update", "text=x&channel=" + open + "&ts=" + said.TS, "cant_update_message"},
		{b.in.Token, "chat.update", "text=" + long + "&channel=" + open + "&ts=" + ts, "msg_too_long"},
		{b.in.Token, "chat.delete", "channel=" + open + "&ts=" + said.TS, "cant_delete_message"},
		{b.in.Token, "chat.postEphemeral", "text=x&channel=" + open + "&user=U0NONE", "user_not_in_channel"},
		{b.in.Token, "users.info", "user=U0NONE", "user_not_found"},
		{b.in.Token, "users.info", "user=U0POOR", "user_not_found"},
		{b.in.Token, "users.lookupByEmail", "email=no@example.com", "users_not_found"},
		{b.in.Token, "conversations.open", "", "users_list_not_supplied"},
		{b.in.Token, "conversations.open", "users=U0NONE", "user_not_found"},
		{b.in.Token, "conversations.info", "channel=" + secret, "channel_not_found"},
		{b.in.Token, "apps.uninstall", "client_id=x", "invalid_client_id"},
		{poor.Token, "chat.postMessage", "text=x&channel=" + poorChannel, "not_in_channel"},
		{poor.Token, "conversations.open", "users=U0POOR", "missing_scope"},
		{poor.Token, "users.lookupByEmail", "email=po@example.com", "missing_scope"},
		{"", "oauth.v2.access", "client_id=x&client_secret=y&code=z", "invalid_client_id"},
		{"", "oauth.v2.access", "client_id=1000000000.2000000000&client_secret=y&code=z", "bad_client_secret"},
		{"", "oauth.v2.access", "client_id=1000000000.2000000000&client_secret=simulated-client-secret&code=z", "invalid_code"},
		{b.in.Token, "views.open", `trigger_id=x&view={"type":"modal","title":{"type":"plain_text","text":"T"},"blocks":[]}`, "invalid_trigger_id"},
		{b.in.Token, "views.open", `trigger_id=x&view={"type":"modal","blocks":[]}`, "invalid_arguments"},
		{b.in.Token, "views.update", `view_id=V1&view={"type":"modal","blocks":[]}`, "not_found"},
	} {
		status, got, _ := b.call(c.method, c.token, c.args)
		if status != http.StatusOK || got["ok"] != false || got["error"] != c.want {
			t.Errorf("%s %s: %d %v, want %s", c.method, c.args, status, got, c.want)
		}
		if r := b.Refused(); len(r) == 0 || r[len(r)-1].Body != c.want || r[len(r)-1].Method != c.method || r[len(r)-1].Why == "" {
			t.Errorf("%s: not kept as a refusal: %+v", c.want, r)
		}
	}
	_, got, _ := b.call("chat.postMessage", b.in.Token, `text=x&blocks=[{"type":"divider"},{"type":"header"}]&channel=`+open)
	if m := dig(got, "response_metadata", "messages", 0); m != "[ERROR] is missing [json-pointer:/blocks/1/text]" {
		t.Errorf("%v", got)
	}
	_, got, _ = b.call("users.lookupByEmail", poor.Token, "email=po@example.com")
	if got["needed"] != "users:read.email" || got["provided"] != "chat:write,users:read" {
		t.Errorf("%v", got)
	}
	if _, got, _ := b.call("users.info", poor.Token, "user=U0POOR"); dig(got, "user", "profile", "email") != nil || dig(got, "user", "name") != "po" {
		t.Errorf("%v: the address is for users:read.email", got)
	}
}

// call makes a call with a form, whose values may be unescaped JSON.
func (b *bed) call(method, token, args string) (int, map[string]any, http.Header) {
	b.t.Helper()
	form := url.Values{}
	for pair := range strings.SplitSeq(args, "&") {
		name, v, _ := strings.Cut(pair, "=")
		if u, err := url.PathUnescape(v); err == nil {
			v = u
		}
		form.Set(name, v)
	}
	return b.send1(method, token, "application/x-www-form-urlencoded", form.Encode())
}

func (b *bed) send1(method, token, contentType, body string) (int, map[string]any, http.Header) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+"/api/"+method, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return 0, nil, nil
	}
	defer func() { _ = resp.Body.Close() }()
	var got map[string]any
	_ = json.NewDecoder(resp.Body).Decode(&got)
	return resp.StatusCode, got, resp.Header
}

func TestJSONBodies(t *testing.T) {
	b := newBed(t, Options{})
	id := must[string](t)(b.AddChannel("", "open", false))
	const js = "application/json; charset=utf-8"
	if _, got, _ := b.send1("chat.postMessage", b.in.Token, js, `{"channel":"`+id+`","text":"a & b","blocks":[{"type":"divider"}]}`); got["ok"] != true {
		t.Errorf("%v", got)
	}
	for body, want := range map[string]string{
		`{"token":"` + b.in.Token + `"}`: "not_authed",   // a JSON body carries no token
		`[]`:                             "invalid_json", // not an object
	} {
		if _, got, _ := b.send1("auth.test", "", js, body); got["error"] != want {
			t.Errorf("%s: %v, want %s", body, got, want)
		}
	}
	if _, got, _ := b.send1("users.info", b.in.Token, js, `{"user":"U0DEV"}`); got["error"] != "user_not_found" {
		t.Errorf("%v: users.info reads no JSON", got)
	}
	if _, got, _ := b.send1("auth.test", b.in.Token, "text/xml", `<x/>`); got["error"] != "invalid_post_type" {
		t.Errorf("%v", got)
	}
}

func TestCallLimits(t *testing.T) {
	b := newBed(t, Options{RateLimit: true})
	a, c := must[string](t)(b.AddChannel("", "a", false)), must[string](t)(b.AddChannel("", "b", false))
	for _, step := range []struct {
		channel string
		wait    time.Duration
		status  int
	}{{a, 0, 200}, {a, 0, 429}, {c, 0, 200}, {a, 999 * time.Millisecond, 429}, {a, time.Millisecond, 200}} {
		b.clock.add(step.wait)
		status, got, h := b.call("chat.postMessage", b.in.Token, "text=x&channel="+step.channel)
		if status != step.status || (status == 429 && (h.Get("Retry-After") != "1" || got["error"] != "ratelimited")) {
			t.Errorf("%+v: %d %v %v", step, status, got, h)
		}
	}
	for i := range 21 {
		status, _, h := b.call("users.list", b.in.Token, "")
		if want := map[bool]int{true: 200, false: 429}[i < 20]; status != want || (want == 429 && h.Get("Retry-After") != "60") {
			t.Errorf("call %d: %d %v", i, status, h)
		}
	}
	b.clock.add(time.Minute)
	if status, _, _ := b.call("users.list", b.in.Token, ""); status != 200 {
		t.Error(status)
	}
}

func TestOrderedFaults(t *testing.T) {
	b := newBed(t, Options{})
	id := must[string](t)(b.AddChannel("", "a", false))
	b.FailCalls("chat.postMessage", 2, Fault{Code: "internal_error"})
	b.FailCalls("chat.postMessage", 1, Fault{Status: 429, RetryAfter: 7 * time.Second})
	b.FailCalls("chat.postMessage", 1, Fault{Status: 503, Body: "busy", Store: true})
	b.FailCalls("chat.postMessage", 1, Fault{})
	for i, want := range []int{200, 200, 429, 503, 0, 200} {
		status, got, h := b.call("chat.postMessage", b.in.Token, "text=x&channel="+id)
		if status != want || (i < 2 && got["error"] != "internal_error") || (want == 429 && h.Get("Retry-After") != "7") {
			t.Errorf("%d: %d %v", i, status, got)
		}
	}
	if n := len(b.Messages("a")); n != 2 {
		t.Errorf("%d messages, want the one kept all the same, and the last", n)
	}
	for _, r := range b.Refused() {
		if !r.Ordered {
			t.Errorf("%+v", r)
		}
	}
}
