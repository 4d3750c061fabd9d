package slackapi

import (
	"net/netip"
	"strings"
	"testing"
)

func TestCheckURL(t *testing.T) {
	slackOnly, err := ParseHostPolicy("")
	if err != nil {
		t.Fatal(err)
	}
	withLocal, err := ParseHostPolicy("hooks.slack.com, 127.0.0.1,[::1]:9000,localhost,proxy.example.com:8443,10.0.0.7")
	if err != nil {
		t.Fatal(err)
	}
	const path = "/services/T0/B0/abcdefghijklmnop"
	for _, c := range []struct {
		policy HostPolicy
		url    string
		fault  string // "" is allowed
	}{
		{slackOnly, "https://hooks.slack.com" + path, ""},
		{slackOnly, "https://HOOKS.slack.com:443" + path, ""},
		{slackOnly, "https://hooks.slack-gov.com" + path, ""},
		{slackOnly, "", "empty"},
		{slackOnly, "hello", "not a URL"},
		{slackOnly, "https:hooks.slack.com" + path, "not a URL"},
		{slackOnly, "https://" + path, "not a URL"},
		{slackOnly, "https://hooks.slack.com\n" + path, "not a URL"},
		{slackOnly, " https://hooks.slack.com" + path, "space"},
		{slackOnly, "http://hooks.slack.com" + path, "https://"},
		{slackOnly, "ftp://hooks.slack.com" + path, "https://"},
		{slackOnly, "https://hooks.slack.com:8443" + path, "port"},
		{slackOnly, "https://hooks.slack.com:" + path, "port"},
		{slackOnly, "https://u:p@hooks.slack.com" + path, "user name"},
		{slackOnly, "https://hooks.slack.com@evil.example" + path, "user name"},
		{slackOnly, "https://hooks.slack.com" + path + "#x", "fragment"},
		{slackOnly, "https://hooks.slack.com" + path + "#", "fragment"},
		{slackOnly, "https://hooks.slack.com/", "no path"},
		{slackOnly, "https://hooks.slack.com.evil.example" + path, "may not go to this host"},
		{slackOnly, "https://hooks.slack.com." + path, "may not go to this host"},
		{slackOnly, "https://evil-hooks.slack.com" + path, "may not go to this host"},
		{slackOnly, "https://127.0.0.1" + path, "may not go to this host"},
		{slackOnly, "https://2130706433" + path, "may not go to this host"},
		{slackOnly, "https://169.254.169.254" + path, "may not go to this host"},
		{slackOnly, "https://hooks.slack.com/" + strings.Repeat("x", 2000), "bytes long"},
		{withLocal, "http://127.0.0.1:8090" + path, ""},
		{withLocal, "https://127.0.0.1:1" + path, ""},
		{withLocal, "http://localhost:8090" + path, ""},
		{withLocal, "http://[::1]:9000" + path, ""},
		{withLocal, "http://[0:0:0:0:0:0:0:1]:9000" + path, ""},
		{withLocal, "http://[::1]:9001" + path, "port"},
		{withLocal, "http://127.0.0.2:8090" + path, "may not go to this host"},
		{withLocal, "https://proxy.example.com:8443" + path, ""},
		{withLocal, "https://proxy.example.com" + path, "port"},
		{withLocal, "https://10.0.0.7" + path, ""},
		{withLocal, "http://10.0.0.7" + path, "https://"},
		{HostPolicy{}, "https://hooks.slack.com" + path, "may not go"},
	} {
		err := c.policy.CheckURL(c.url)
		switch {
		case c.fault == "" && err != nil:
			t.Errorf("%s: %v", c.url, err)
		case c.fault != "" && err == nil:
			t.Errorf("%s is allowed, want %q", c.url, c.fault)
		case c.fault != "" && !strings.Contains(err.Error(), c.fault):
			t.Errorf("%s: %v, want %q", c.url, err, c.fault)
		case err != nil && strings.Contains(err.Error(), "abcdefghijklmnop"):
			t.Errorf("the error tells the secret: %v", err)
		}
	}
}

func TestParseHostPolicyRefuses(t *testing.T) {
	for _, list := range []string{",", "*.slack.com", "https://hooks.slack.com", "hooks.slack.com/x", "a:0", "a:99999", "a:b", "169.254.169.254", "0.0.0.0", "224.0.0.1", "a b"} {
		if p, err := ParseHostPolicy(list); err == nil {
			t.Errorf("%q gives %v", list, p)
		}
	}
	for _, list := range []string{"https://hooks.slack.com", "http://127.0.0.1:9000/", "*.slack.com:443"} {
		if _, err := ParseHostPolicy(list); err == nil || !strings.Contains(err.Error(), "without scheme, path or wildcard") {
			t.Errorf("%q: %v", list, err)
		}
	}
}

func TestPublic(t *testing.T) {
	for _, s := range []string{
		"127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200",
		"224.0.0.1", "255.255.255.255", "0.0.0.0", "0.1.2.3", "192.0.0.192", "198.18.0.1", "240.0.0.1", "fc00::1",
		"fd00:ec2::254", "fe80::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
		"2001:db8::1", "::", "::127.0.0.1", "168.63.129.16",
	} {
		if public(netip.MustParseAddr(s)) {
			t.Errorf("%s counts as public", s)
		}
	}
	for _, s := range []string{"3.68.170.153", "2606:4700::1111", "::ffff:3.68.170.153"} {
		if !public(netip.MustParseAddr(s)) {
			t.Errorf("%s does not count as public", s)
		}
	}
}

func TestRedactURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://hooks.slack.com/services/T0AB/B0CD/SecretSecretSecretabcd": "https://hooks.slack.com/services/T…/B…/…abcd",
		"https://hooks.slack.com/services/T0AB/B0CD/short":                  "https://hooks.slack.com/services/T…/B…/…",
		"http://127.0.0.1:8090/services/x/y/abcdefghijklmnopqrstuvwx":       "http://127.0.0.1:8090/services/…/…/…uvwx",
		"https://u:pass@a.example/hook?token=1234567890123456":              "https://a.example/…",
		"not a url": "(not a URL)",
		"":          "(not a URL)",
		"https://hooks.slack.com/services/T0AB/B0CD/SecretSecretSecret<é>": "https://hooks.slack.com/services/T…/B…/…",
	} {
		if got := RedactURL(in); got != want {
			t.Errorf("RedactURL(%q) = %q, want %q", in, got, want)
		}
	}
}
