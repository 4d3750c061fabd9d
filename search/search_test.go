package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"procyon/search"
)

func TestFold(t *testing.T) {
	for _, same := range [][]string{
		{"AWSAdministratorAccess", "awsadministratoraccess"},
		{"André", "Andre\u0301", "ANDRE", "andre"},
		{"Ｄａｔａ", "data"},
		{"Straße", "STRASSE"},
		{"ΟΔΟΣ", "οδος"},
		{"İstanbul", "istanbul"},
		{"Йод", "Йод", "ИОД"},
		{"が", "が"},
		{"ｶﾞ", "ガ"},
		{"한", "한"},
	} {
		for _, s := range same {
			if search.Fold(s) != search.Fold(same[0]) {
				t.Errorf("%q is folded to %q, and %q to %q", s, search.Fold(s), same[0], search.Fold(same[0]))
			}
		}
	}
	for a, b := range map[string]string{"か": "が", "한": "하", "ı": "i", "は": "ぱ"} {
		if search.Fold(a) == search.Fold(b) {
			t.Errorf("%q and %q are different letters", a, b)
		}
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"orders-db_37 (EU)":     "orders db 37 eu",
		"  ":                    "",
		"--":                    "",
		"a.b@example.com":       "a b example com",
		"DB迁移to系统":              "db 迁移 to 系统",
		"हिन्दी डेटा":           "हिन्दी डेटा",
		"Ünïted":                "united",
		"プロダクション環境":             "プロダクション環境",
		"don't":                 "don t",
		"ticket\u200dINC-1\n\t": "ticket inc 1",
	} {
		if got := strings.Join(search.Words(text), " "); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// What Begin finds, a store finds: under the key of each of the search's words, where it
// is long enough for one.
func TestWhatIsFoundIsUnderItsKeys(t *testing.T) {
	for _, c := range []struct {
		text, search string
		found        bool
	}{
		{"Fix the stuck migration of orders", "migr", true},
		{"Fix the stuck migration of orders", "ORDERS mig fix", true},
		{"Fix the stuck migration of orders", "ration", false},
		{"Fix the stuck migration of orders", "fi", true},
		{"Fix the stuck migration of orders", "fixed", false},
		{"INC-48213", "inc 48213", true},
		{"INC-48213", "inc-482", true},
		{"INC-48213", "8213", false},
		{"支付系统迁移", "迁移", true},
		{"支付系统迁移", "系统迁", true},
		{"支付系统迁移", "移迁", false},
		{"支付系统DB迁移", "系统db", true},
		{"André's café", "andre cafe", true},
		{"anything", "", true},
	} {
		words, wanted := search.Words(c.text), search.Words(c.search)
		if got := search.Begin(wanted, words); got != c.found {
			t.Errorf("%q in %q: %t", c.search, c.text, got)
		}
		for _, w := range wanted {
			if key, ok := search.Key(w); ok && c.found && !slices.Contains(search.Keys(words, 100), key) {
				t.Errorf("%q is not listed under the key %q of %q", c.text, key, w)
			}
		}
	}
}

func FuzzKeys(f *testing.F) {
	f.Add("Fix the 支付系统 of André", 3, 7)
	f.Add("हिन्दी डेटा", 0, 2)
	f.Fuzz(func(t *testing.T, text string, from, size int) {
		if len(text) > 1000 {
			t.Skip()
		}
		words := search.Words(text)
		if len(words) == 0 || !slices.Equal(search.Words(strings.Join(words, " ")), words) {
			t.Skip() // what is folded twice can differ for odd sequences of marks
		}
		w := words[abs(from)%len(words)]
		runes := []rune(w)
		begin := string(runes[:1+abs(size)%len(runes)])
		if !slices.Equal(search.Words(begin), []string{begin}) {
			t.Skip()
		}
		if !search.Begin([]string{begin}, words) {
			t.Fatalf("%q does not begin %q", begin, w)
		}
		if key, ok := search.Key(begin); ok && !slices.Contains(search.Keys(words, len(text)), key) {
			t.Fatalf("no key %q of %q in %q", key, begin, search.Keys(words, len(text)))
		}
	})
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}

// Of the first 128 characters, which are looked up apart, letters and digits are in words and
// nothing else is, as by Unicode.
func TestWordsOfASCII(t *testing.T) {
	for r := range rune(utf8.RuneSelf) {
		want := []string{"a", "b"}
		if unicode.In(r, unicode.L, unicode.N, unicode.M) {
			want = []string{"a" + strings.ToLower(string(r)) + "b"}
		}
		if got := search.Words("a" + string(r) + "b"); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", r, got, want)
		}
	}
}
