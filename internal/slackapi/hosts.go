package slackapi

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// DefaultWebhookHosts is Slack's own: where webhooks may go when nothing else is
// set.
const DefaultWebhookHosts = "hooks.slack.com,hooks.slack-gov.com"

// maxWebhookURL is the longest webhook URL accepted, in bytes.
const maxWebhookURL = 2000

// HostPolicy says where webhooks may be posted. The zero value allows nothing;
// make one with [ParseHostPolicy]. It is read-only and safe for concurrent use.
type HostPolicy struct {
	// Allowed are host names or IP addresses, each with an optional port. A name
	// must match exactly and be reached by https on port 443, or on the port
	// named. A loopback address or "localhost" may also be http and, unless a
	// port is named, on any port.
	Allowed []string
}

// ParseHostPolicy reads a comma-separated list of hosts, as in
// "hooks.slack.com,127.0.0.1". An empty list gives [DefaultWebhookHosts].
func ParseHostPolicy(list string) (HostPolicy, error) {
	if strings.TrimSpace(list) == "" {
		list = DefaultWebhookHosts
	}
	var p HostPolicy
	for entry := range strings.SplitSeq(list, ",") {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if entry == "" {
			continue
		}
		if err := checkEntry(entry); err != nil {
			return HostPolicy{}, fmt.Errorf("webhook hosts: %q %w", entry, err)
		}
		p.Allowed = append(p.Allowed, entry)
	}
	if len(p.Allowed) == 0 {
		return HostPolicy{}, errors.New("webhook hosts: the list names no host")
	}
	return p, nil
}

// errNoHost is of an entry that is a URL, a pattern, or no name at all.
var errNoHost = errors.New("is not a host name: write names only, without scheme, path or wildcard")

func checkEntry(entry string) error {
	if strings.ContainsAny(entry, "/*") {
		return errNoHost
	}
	host, port := splitEntry(entry)
	if port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return errors.New("names a port that is not from 1 to 65535")
		}
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip = ip.Unmap(); !ip.IsLoopback() && (ip.IsUnspecified() || ip.IsMulticast() || ip.IsLinkLocalUnicast() || metadata(ip)) {
			return errors.New("is an address that no webhook may go to")
		}
		return nil
	}
	if host == "" || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
		return errNoHost
	}
	return nil
}

// splitEntry gives an entry's host, without brackets, and its port or "".
func splitEntry(entry string) (host, port string) {
	if _, err := netip.ParseAddr(entry); err == nil {
		return entry, "" // IPv6 without brackets
	}
	if h, p, err := net.SplitHostPort(entry); err == nil {
		return h, p
	}
	return strings.Trim(entry, "[]"), ""
}

// CheckURL tells whether a webhook may be posted to raw. It looks at the URL
// only and asks no name server; the address is judged again when it is dialled.
// The error says what is wrong in words for the person who typed the URL, and
// does not repeat the URL, which may be a secret.
func (p HostPolicy) CheckURL(raw string) error {
	_, err := p.parse(raw)
	return err
}

func (p HostPolicy) parse(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, errors.New("the webhook URL is empty")
	}
	if len(raw) > maxWebhookURL {
		return nil, fmt.Errorf("the webhook URL is %d bytes long, at most %d are allowed", len(raw), maxWebhookURL)
	}
	if strings.TrimSpace(raw) != raw {
		return nil, errors.New("the webhook URL begins or ends with a space")
	}
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" || u.Hostname() == "" {
		return nil, errors.New("this is not a URL: it must look like https://hooks.slack.com/services/T…/B…/…")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("the webhook URL must begin with https://")
	case u.User != nil:
		return nil, errors.New("the webhook URL must not hold a user name or password")
	case u.Fragment != "" || strings.Contains(raw, "#"):
		return nil, errors.New("the webhook URL must not hold a fragment (#…)")
	}
	if err := p.checkHost(u); err != nil {
		return nil, err
	}
	if strings.Trim(u.Path, "/") == "" {
		return nil, errors.New("the webhook URL has no path: copy the whole URL from Slack")
	}
	return u, nil
}

// checkHost finds an entry that allows the URL's scheme, host and port.
func (p HostPolicy) checkHost(u *url.URL) error {
	host := strings.ToLower(u.Hostname())
	if strings.HasSuffix(u.Host, ":") {
		return errors.New("the webhook URL names no port after the colon")
	}
	fault := fmt.Errorf("webhooks may not go to this host; allowed are: %s", strings.Join(p.Allowed, ", "))
	for _, entry := range p.Allowed {
		allowed, named := splitEntry(entry)
		if !sameHost(allowed, host) {
			continue
		}
		if isLoopbackName(allowed) {
			if named == "" || named == effectivePort(u) {
				return nil
			}
			fault = errors.New("the webhook URL's port is not allowed for this host")
			continue
		}
		if u.Scheme != "https" {
			fault = errors.New("the webhook URL must begin with https://")
			continue
		}
		if named == "" {
			named = "443"
		}
		if named == effectivePort(u) {
			return nil
		}
		fault = errors.New("the webhook URL's port is not allowed for this host")
	}
	return fault
}

func effectivePort(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

// sameHost compares names as text and addresses as addresses, so that the
// spellings of one IPv6 address are one.
func sameHost(a, b string) bool {
	if a == b {
		return true
	}
	ipA, errA := netip.ParseAddr(a)
	ipB, errB := netip.ParseAddr(b)
	return errA == nil && errB == nil && ipA == ipB
}

// isLoopbackName tells whether host means this machine: "localhost" or a
// loopback address.
func isLoopbackName(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
