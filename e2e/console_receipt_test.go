package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mxschmitt/playwright-go"
)

// An administrator saves a request's receipt in the browser. The command takes the file with
// the public key alone, and not with one byte changed. Who asked for the access is offered
// no receipt.
func TestReceiptInTheConsole(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.must("journal", "checkpoint") // so that there is one without a wait
	p := c.as(adminEmail, "/requests/"+c.denied)
	p.sees("Receipt", "procyon receipt verify procyon-receipt-"+c.denied+".json")
	name, text := p.saves(*playwright.AriaRoleButton, "Download receipt")
	p.sees("Saved as")
	if name != "procyon-receipt-"+c.denied+".json" {
		t.Error(name)
	}
	if printed := c.must("receipt", c.denied); printed != string(text) {
		t.Errorf("the browser saved\n%s\nthe command prints\n%s", text, printed)
	}
	verify := func(text []byte, key string) (string, error) {
		t.Helper()
		file := filepath.Join(t.TempDir(), name)
		c.done(os.WriteFile(file, text, 0o600))
		return c.run("receipt", "verify", file, "--public-key", key)
	}
	key := strings.TrimSpace(c.must("journal", "checkpoint", "--public-key"))
	if said, err := verify(text, key); err != nil || !strings.Contains(said, "The receipt of "+c.denied+" is good.") || !strings.Contains(said, "an old <b>one</b>") {
		t.Error(said, err)
	}
	for _, at := range []int{len(text) / 3, len(text) / 2} {
		for text[at] <= ' ' { // which may be written otherwise
			at++
		}
		altered := slices.Clone(text)
		altered[at] ^= 1
		if said, err := verify(altered, key); err == nil {
			t.Errorf("byte %d may be another: %s", at, said)
		}
	}

	dev := c.as("dev@example.com", "/requests/"+c.denied)
	dev.sees("Notifications")
	if strings.Contains(string(dev.Run(`document.body.innerText`)), "Download receipt") {
		t.Error("who asked is offered a receipt")
	}
}
