package app

import (
	"net/http"
	"testing"
)

func TestTrustedProxies(t *testing.T) {
	proxies, err := parseTrustedProxies("10.0.0.0/8, 192.168.1.1 fd00::/8")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		peer string
		said []string
		want string
	}{
		{"203.0.113.7:4711", nil, "203.0.113.7"},
		{"203.0.113.7:4711", []string{"198.51.100.1"}, "203.0.113.7"}, // no proxy of ours: made up
		{"10.1.2.3:80", nil, "10.1.2.3"},
		{"10.1.2.3:80", []string{"198.51.100.1"}, "198.51.100.1"},
		{"10.1.2.3:80", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1"}, // what the client said itself stands first
		{"10.1.2.3:80", []string{"1.1.1.1", "198.51.100.1, 10.9.9.9"}, "198.51.100.1"},
		{"192.168.1.1:80", []string{"10.0.0.1, 10.0.0.2"}, "10.0.0.1"}, // somebody in the same network
		{"10.1.2.3:80", []string{"198.51.100.1, <script>"}, "10.1.2.3"},
		{"10.1.2.3:80", []string{""}, "10.1.2.3"},
		{"[fd00::1]:80", []string{"2001:db8::1"}, "2001:db8::1"},
		{"[::ffff:10.1.2.3]:80", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"10.1.2.3:80", []string{"198.51.100.1:5123"}, "198.51.100.1"},
		{"@", nil, "@"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.said}}
		if got := proxies.client(r); got != c.want {
			t.Errorf("%s saying %q is %s, want %s", c.peer, c.said, got, c.want)
		}
	}
	for _, bad := range []string{"10.0.0.0/33", "proxy", "10.0.0.0/8/8"} {
		if _, err := parseTrustedProxies(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
