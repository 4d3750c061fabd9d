package main

import "testing"

func TestNamesInGoStyle(t *testing.T) {
	for _, test := range []struct{ name, before, after string }{
		{"a field and its tag", "Id string `json:\"Id\"`", "ID string `json:\"Id\"`"},
		{"at the end", "func GetSlackUserId() {}", "func GetSlackUserID() {}"},
		{"within", "type UserIdType int", "type UserIDType int"},
		{"several", "x.WebhookUrl = y.Ids", "x.WebhookURL = y.IDs"},
		{"a part of a word", "x.IdempotencyKey = y.Identity", "x.IdempotencyKey = y.Identity"},
		{"a document", "const q = `query Id { userId }`", "const q = `query Id { userId }`"},
		{"a comment", "// GetUrl returns T.Url.", "// GetURL returns T.URL."},
	} {
		if got := string(inGoStyle([]byte(test.before))); got != test.after {
			t.Errorf("%s: %s, want %s", test.name, got, test.after)
		}
	}
}
