package cookie

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestCookies(t *testing.T) {
	for _, test := range []struct {
		site    Site
		seconds int
		want    string
	}{
		{Site{}, 0, "procyon_x=v; Path=/; HttpOnly; SameSite=Lax"},
		{Site{Secure: true}, 60, "__Host-procyon_x=v; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax"},
		{Site{Secure: true, Path: "/slack"}, -1, "procyon_x=v; Path=/slack; Max-Age=0; HttpOnly; Secure; SameSite=Lax"},
	} {
		w := httptest.NewRecorder()
		test.site.Set(w, "x", "v", test.seconds)
		if got := w.Header().Get("Set-Cookie"); got != test.want {
			t.Errorf("%+v: %s, want %s", test.site, got, test.want)
		}
		r := &http.Request{Header: http.Header{"Cookie": {test.site.Name("x") + "=v"}}}
		if got, ok := test.site.Get(r, "x"); got != "v" || !ok {
			t.Errorf("%+v: got %q, %v", test.site, got, ok)
		}
		if got, ok := test.site.Get(r, "y"); ok {
			t.Errorf("%+v: a cookie that is not there is %q", test.site, got)
		}
	}
}
