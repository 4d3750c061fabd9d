package slacksim

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzView: no view that is judged good breaks the page, and its state can be told.
func FuzzView(f *testing.F) {
	f.Add(`{"type":"modal","title":{"type":"plain_text","text":"T"},"submit":{"type":"plain_text","text":"S"},"blocks":[{"type":"input","label":{"type":"plain_text","text":"L"},"element":{"type":"plain_text_input"}}]}`, "modal")
	f.Add(`{"type":"home","blocks":[{"type":"actions","elements":[{"type":"static_select","options":[{"text":{"type":"plain_text","text":"a"},"value":"b"}],"initial_option":{"text":{"type":"plain_text","text":"a"},"value":"b"}},{"type":"datetimepicker","initial_date_time":1628633820}]}]}`, "home")
	f.Add(`{"type":"modal","title":{"type":"plain_text","text":"T"},"submit":null,"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"x"},"accessory":{"type":"checkboxes","options":[{"text":{"type":"mrkdwn","text":"*a*"},"value":"b","description":{"type":"mrkdwn","text":"c"}}]}},{"type":"context","elements":[{"type":"image","image_url":"https://a/b","alt_text":"c"}]}]}`, "modal")
	f.Fuzz(func(t *testing.T, raw, kind string) {
		spec, bad := readView(decodeValue([]byte(raw)), kind)
		if bad != nil || (kind != "modal" && kind != "home") {
			return
		}
		s := New(Options{})
		in, err := s.Install("")
		if err != nil {
			t.Fatal(err)
		}
		s.fillIDs(spec["blocks"].([]any))
		u := s.team("").person("dev")
		v := s.push(u, s.tokens[in.Token].install, spec)
		u.home = v
		if clone(s.viewJSON(v)) == nil {
			t.Fatal("the view can't be encoded")
		}
		p := s.page(map[string][]string{"as": {"dev"}, "app": {"home"}})
		var page strings.Builder
		if err := pageTemplate.Execute(&page, p); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		complaints(place{user: u, blocks: v.blocks(), values: &v.values, view: v})
	})
}

// FuzzCalls: no call breaks the Web API, whatever it brings.
func FuzzCalls(f *testing.F) {
	f.Add("chat.postMessage", "application/json", `{"channel":"general","text":"x","blocks":[{"type":"divider"}]}`)
	f.Add("views.publish", "application/x-www-form-urlencoded", `user_id=U0DEV&view={"type":"home","blocks":[]}`)
	f.Add("conversations.list", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"types\"\r\n\r\nim\r\n--x--")
	f.Fuzz(func(t *testing.T, method, contentType, body string) {
		s := New(Options{})
		in, err := s.Install("")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddChannel("", "general", false); err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, "/api/x", strings.NewReader(body))
		r.SetPathValue("method", method)
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Authorization", "Bearer "+in.Token)
		s.serveAPI(w, r)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"ok":`) {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
	})
}
