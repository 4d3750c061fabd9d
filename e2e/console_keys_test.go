package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"procyon/internal/chromium"
)

// reaches goes on with Tab until what has the focus is called so; it must be seen to have it.
func (p person) reaches(t *testing.T, name string) {
	t.Helper()
	var passed []string
	for range 80 {
		p.Press("Tab")
		var is struct {
			Name, Ring string
			Seen       bool
		}
		raw := p.Run(`(() => {
		  const e = document.activeElement, style = getComputedStyle(e);
		  const by = (e.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim();
		  return {
		    Ring: [e.matches(":focus-visible"), style.outline, style.boxShadow].join(" "),
		    Name: e === document.body ? "" : (e.getAttribute("aria-label") ?? (by || e.labels?.[0]?.textContent || e.textContent)).trim(),
		    Seen: e.matches(":focus-visible") && (style.outlineStyle !== "none" || style.boxShadow !== "none" || e.matches("input, textarea")),
		  };
		})()`)
		p.Must(json.Unmarshal(raw, &is))
		passed = append(passed, fmt.Sprintf("%.40s", is.Name))
		if is.Name == name || strings.HasSuffix(name, "…") && strings.HasPrefix(is.Name, strings.TrimSuffix(name, "…")) {
			if !is.Seen {
				t.Errorf("nothing shows that %q has the focus: %s", name, is.Ring)
			}
			return
		}
	}
	t.Fatalf("Tab does not reach %q, but %q", name, passed)
}

// The guide, a request and a decision without the mouse.
func TestKeysInTheConsole(t *testing.T) {
	t.Parallel()
	web := chromium.Start(t)
	b := founded(t)
	g := b.serve("notifier")
	b.people(g)
	b.catalog("console")
	signs := func(email, password, path string) person {
		p := person{web.Person().Open("http://" + g.address + path)}
		p.Until(`document.activeElement.id === "email"`) // the first field has the focus
		p.Press(email)
		p.reaches(t, "Password")
		p.Press(password, "Enter")
		return p
	}
	ada := signs(adminEmail, adminPassword, "/")
	ada.sees("Nothing waits for your decision.")
	ada.Press("g", "i")
	ada.sees("Incoming webhook")
	ada.reaches(t, "Integrate")
	ada.Press("Enter")
	ada.Until(`document.activeElement.labels?.[0]?.textContent === "Integration Name"`)
	ada.Press("DevOps", "Tab", b.hooks.url("B0KEYS"), "Enter")
	ada.sees("DevOps")
	ada.reaches(t, "Manage Integration: DevOps")
	ada.Press("Enter")
	ada.sees("Channel-Account linking")
	ada.reaches(t, "Channel-Account linking: menu")
	ada.Press("Enter")
	ada.Until(`document.querySelector("[role=menuitem]")`)
	ada.Press("ArrowDown")
	ada.Until(`document.activeElement.getAttribute("role") === "menuitem"`)
	ada.Press("Enter")
	ada.Until(`document.querySelector("[aria-label='Cloud accounts'] input")`)
	ada.reaches(t, "console…")
	ada.Press(" ")
	ada.reaches(t, "Update")
	ada.Press("Enter")
	ada.Until(`document.querySelector("table[aria-label='Linked accounts'] tbody tr")`)
	ada.reaches(t, "Select: GateWay…")
	ada.Press("Enter")
	ada.Until(`document.querySelector("button[aria-label^='Remove: GateWay']")`)

	dev := signs("dev@example.com", devPassword, "/")
	dev.sees("You have no access now.")
	dev.Press("c")
	dev.sees("Your request")
	dev.reaches(t, "Add…")
	dev.Press("Enter")
	dev.reaches(t, "Why?")
	dev.Press("Asked without a mouse", "Control+Enter")
	dev.sees("Access for Dev Developer", "Pending")

	ada.Press("g", "r")
	ada.sees("Asked without a mouse")
	ada.Press("j", "a")
	ada.Until(`document.activeElement.textContent.trim() === "Approve"`)
	ada.Press("Escape")
	ada.Until(`!document.querySelector("[role=dialog]")`)
	ada.Press("d")
	ada.Until(`document.activeElement.tagName === "TEXTAREA"`)
	ada.Press("Not without a ticket", "Control+Enter")
	ada.sees("You denied this")
	dev.sees("Denied", "Not without a ticket")
	web.Clean()
	g.stop()
}
