package admission_test

import (
	"errors"
	"sync"
	"testing"

	"procyon/internal/admission"
)

func TestQuota(t *testing.T) {
	q := admission.NewQuota(5, 2)
	var gives []func()
	for _, c := range []struct {
		who  string
		n    int64
		want error
	}{
		{"a", 1, nil},
		{"a", 2, admission.ErrShare}, // all or nothing
		{"a", 1, nil},
		{"a", 1, admission.ErrShare},
		{"b", 2, nil},
		{"c", 2, admission.ErrTotal},
		{"c", 1, nil},
		{"d", 1, admission.ErrTotal},
	} {
		give, err := q.Take(c.who, c.n)
		if !errors.Is(err, c.want) {
			t.Errorf("%d for %s: %v, want %v", c.n, c.who, err, c.want)
		}
		if err == nil {
			gives = append(gives, give)
		}
	}
	for _, give := range gives {
		give()
		give() // does nothing more
	}
	if n := q.Taken(); n != 0 {
		t.Errorf("%d are still taken", n)
	}
	if _, err := q.Take("a", 2); err != nil {
		t.Error(err)
	}
}

func TestQuotaAtOnce(t *testing.T) {
	q := admission.NewQuota(8, 3)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for range 1000 {
				give, err := q.Take(string(rune('a'+i%4)), 1)
				if n := q.Taken(); n < 0 || n > 8 {
					t.Errorf("%d of 8 are taken", n)
				}
				if err == nil {
					give()
				}
			}
		})
	}
	all.Wait()
	if n := q.Taken(); n != 0 {
		t.Errorf("%d are still taken", n)
	}
}

func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"203.0.113.7":           "203.0.113.7",
		"::ffff:203.0.113.7":    "203.0.113.7",
		"2001:db8:1:2:3:4:5:6":  "2001:db8:1:2::/64",
		"2001:db8:1:2::1":       "2001:db8:1:2::/64",
		"2001:db8:1:3::1":       "2001:db8:1:3::/64",
		"fe80::1%eth0":          "fe80::/64",
		"@":                     "@",
		"":                      "",
		"203.0.113.7, 10.0.0.1": "203.0.113.7, 10.0.0.1",
	} {
		if got := admission.Network(address); got != want {
			t.Errorf("%s stands for %s, want %s", address, got, want)
		}
	}
}
