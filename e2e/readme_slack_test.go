package e2e

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/mxschmitt/playwright-go"

	"procyon/internal/chromium"
)

// The README's story of the demo's policies, as it stands there, as people see and press it:
// one approval; two steps, of which one in Slack and one in the console; a refusal with its
// reason; and a guardrail.
func TestReadmePolicies(t *testing.T) {
	t.Parallel()
	web := chromium.Start(t)
	b := newBed(t, "")
	g, slack := b.demo()
	story := readmeStory(t)
	const password = "procyon-demo-1"
	page := func(as, place string) *chromium.Tab {
		p := web.Person().Open("http://" + slack + "/?as=" + as + "&" + place)
		p.Until(`document.getElementById("live")?.textContent === "Live"`)
		return p
	}
	dev := page("dev", "channel=oncall")

	types(dev, story.staging)
	dev.Until(`document.querySelector("#log a[href*='/link/slack/']")`)
	link := linkPath.FindString(string(dev.Run(`document.querySelector("#log a[href*='/link/slack/']").href`)))
	linking := visits(web, g, "ada@example.com", password, link)
	linking.sees("Link this Slack account?", "The e-mail addresses differ")
	linking.Picture("policies-0-ada")
	linking.Click("button", "Sign in as somebody else")
	linking.signsIn(story.signsIn[0], password)
	linking.sees("Link this Slack account?", story.signsIn[0])
	linking.Click("button", "Link this account to me")
	linking.sees("Your Slack account is linked")
	dev.Visit("http://" + slack + "/?as=dev&app=messages")
	shows(dev, "Your Slack account is linked")
	dev.Click("#log button", "Ask for access")
	offers(dev, "Policy Staging:", "1 approval from: Platform")
	dev.Picture("policies-1-form")
	chooses(dev, "Role on staging-cluster", story.roles[0])
	asks(dev)
	bo := page("bo", "app=messages")
	shows(bo, "staging-cluster as "+story.roles[0])
	approves(bo)
	shows(bo, "Access approved for Dev Developer")
	shows(dev, "Your request was approved.")

	types(dev, story.production)
	offers(dev, "Policy Production:", "Step 1 of 2, Owner", "Olga Owner", "Step 2 of 2, Security", "At most 2 hours.")
	chooses(dev, "Role on orders-db", story.roles[1])
	dev.Picture("policies-2-form")
	asks(dev)
	olga := page("olga", "app=messages")
	shows(olga, "orders-db as "+story.roles[1])
	approves(olga)
	shows(olga, "Step 1 of 2, Owner: approved by Olga Owner")
	olga.Picture("policies-3-owner")
	sam := visits(web, g, story.signsIn[1], password, "/")
	sam.sees("Waiting for your decision", "stuck orders")
	sam.Click("button", "Approve…")
	sam.sees("Dev Developer gets this for")
	sam.Click("[role=dialog] button", "Approve")
	sam.sees("Nothing waits for your decision.")
	shows(olga, "Step 2 of 2, Security: approved by Sam Security")
	shows(dev, "Step 2 of 2, Security: approved by Sam Security")

	types(dev, story.payroll)
	offers(dev, "Policy Payroll: refused. Salaries are for the payroll application alone.")
	dev.Click("#modal button", "Ask")
	dev.Until(`document.querySelector("#modal .error")?.textContent.includes("Salaries are for the payroll application alone.")`)
	dev.Picture("policies-4-refused")

	kim := page("kim", "channel=oncall")
	types(kim, story.guardrail)
	offers(kim, "At most 1 hour", "Contractors in production")
	kim.Picture("policies-5-guardrail")
	ada := visits(web, g, "ada@example.com", password, "/policies")
	ada.sees("1. Payroll", "2. Production", "3. Staging", "4. Everything else", "Contractors in production", "in holder.groups")
	ada.Picture("policies-6-console")
	web.Clean()
	g.stop()
}

// story is what the README says to type, which roles to choose, and as whom to sign in.
type story struct {
	staging, production, payroll, guardrail string
	roles, signsIn                          []string
}

func readmeStory(t *testing.T) story {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## Policies, in Slack and in the console\n")
	section, _, _ = strings.Cut(section, "\n## ")
	all := func(pattern string) (out []string) {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(section, -1) {
			out = append(out, m[1])
		}
		return out
	}
	s := story{roles: all("choose the role `([^`]+)`"), signsIn: all("sign in [^`]*as `([^`]+)`")}
	if len(s.roles) != 2 || len(s.signsIn) != 2 {
		t.Fatalf("the README says to choose %v and to sign in as %v", s.roles, s.signsIn)
	}
	for _, c := range []struct {
		of  *string
		who string
	}{{&s.staging, "Dev"}, {&s.production, "Dev"}, {&s.payroll, "Dev"}, {&s.guardrail, "Kim, a contractor"}} {
		command := regexp.MustCompile("Be " + c.who + ": `(/procyon request [^`]+)`").FindStringSubmatchIndex(section)
		if command == nil {
			t.Fatalf("the README does not say what %s types: %s", c.who, section)
		}
		*c.of, section = section[command[2]:command[3]], section[command[1]:]
	}
	return s
}

// types sends what somebody types in a channel, or to the app.
func types(p *chromium.Tab, text string) {
	p.Focus("#say")
	p.Press(text, "Enter")
}

// shows waits until the latest messages of a page have some words.
func shows(p *chromium.Tab, words string) {
	p.Until(fmt.Sprintf(`document.querySelector("#log").textContent.includes(%q)`, words))
}

// offers waits until the form of a request has some words.
func offers(p *chromium.Tab, words ...string) {
	for _, w := range words {
		p.Until(fmt.Sprintf(`document.querySelector("#modal").textContent.includes(%q)`, w))
	}
}

// chooses chooses an option of a field in a form.
func chooses(p *chromium.Tab, label, option string) {
	_, err := p.Page.GetByLabel(label).SelectOption(playwright.SelectOptionValues{Labels: &[]string{option}})
	p.Must(err)
	p.Until(fmt.Sprintf(`document.querySelector("#modal").textContent.includes(%q)`, "Who is asked:"))
}

// asks sends the form of a request.
func asks(p *chromium.Tab) {
	p.Click("#modal button", "Ask")
	p.Until(`!document.getElementById("modal")`)
}

// approves presses Approve in the latest message that has it, and confirms that.
func approves(p *chromium.Tab) {
	p.Click("#log button", "Approve")
	p.Until(`document.getElementById("confirm").open`)
	p.Click("#confirm button", "Approve")
}
