package slackbot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/internal/app/apptest"
	"procyon/internal/command"
	"procyon/internal/slacksim"
	"procyon/policy"
)

// surfaces are what people see of the bot, by words that stand on each.
func surfaces() map[string]string {
	return map[string]string{
		"help": "What you can do with Procyon:", "login": "Sign in and link", "linked": "Your Slack account is linked",
		"the empty form": `"callback_id":"request"`, "roles in the form": "Role on orders-db", "who is asked": "Who is asked:",
		"type-ahead": `"options":[{`, "a request": "asks for access", "approve for a shorter time": "Approve for…",
		"the form of a denial": `"callback_id":"deny"`, "denied": "Your request was denied.", "approved": "Your request was approved.",
		"approvals": "These wait for your decision", "requests": "Your requests", "nothing waits": "Nothing waits for your decision.",
		"close": "Close the access to", "the form of an extension": `"callback_id":"extend"`, "an extension": "asks to extend their access",
		"extended": "Your access was extended.", "ask again": "Ask again", "Home": `"type":"home"`, "a refusal": "own request",
		"a line of the log": "asks to extend their access by", "a test message": "This integration works", "an unknown command": "There is no /procyon fly.",
		"who decides": "*Who decides*", "the form of a choice": `"callback_id":"choose"`, "what asking leads to": "Policy Money",
	}
}

// story shows every surface once.
func (b *slackBed) story() {
	b.T.Helper()
	ada, bo, dev := b.Sim.As("ada"), b.Sim.As("bo"), b.Sim.As("dev")
	i, _ := b.channel("access", b.account("Production"))
	_, err := b.App.Ledger.Test(b.Ctx, i.ID, i.Name)
	b.Must(err)
	b.Must(bo.Command(b.Ctx, "", "/procyon help"))
	b.Must(bo.Command(b.Ctx, "", "/procyon fly"))
	b.Must(bo.Command(b.Ctx, "", "/procyon approvals"))
	b.Must(dev.Command(b.Ctx, "prod-approvals", "/procyon login"))
	said, err := dev.ExpectEphemeral(b.Ctx)
	b.Must(err)
	b.link(apptest.LinkPage(said), "dev@example.com")
	_, err = dev.ExpectDM(b.Ctx)
	b.Must(err)
	_, err = bo.OpenHome()
	b.Must(err)

	b.ask(ada, "orders-db 2h stuck orders INC-42", "orders-db", "writer")
	asked := b.asked(bo, "")
	b.Must(ada.Click(b.Ctx, b.asked(ada, "access"), "Approve"))
	b.Must(bo.Command(b.Ctx, "", "/procyon approvals"))
	b.Must(bo.Click(b.Ctx, asked, "Deny…"))
	why, err := bo.AwaitModal(b.Ctx, "Deny access")
	b.Must(err)
	b.Must(why.Fill(b.Ctx, "Why", "Use the report instead."))
	b.Must(why.Submit(b.Ctx))
	b.decided(bo, asked)

	b.Must(ada.Command(b.Ctx, "", "/procyon request"))
	form, err := ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	_, err = form.Suggest(b.Ctx, "What do you need?", "PowerUser")
	b.Must(err)
	b.Must(form.Fill(b.Ctx, "What do you need?", "PowerUser – Production"))
	b.Must(form.Fill(b.Ctx, "Why?", "again"))
	b.Must(form.Submit(b.Ctx))
	b.Must(ada.AwaitNoModal(b.Ctx))
	asked = b.asked(bo, "")
	b.Must(bo.Click(b.Ctx, asked, "Approve"))
	b.decided(bo, asked)
	_, err = ada.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "Your request was approved.") })
	b.Must(err)
	var list slacksim.Message
	b.Must(b.Await(func() bool { // it begins in a moment
		b.Must(ada.Command(b.Ctx, "", "/procyon requests"))
		all := ada.Ephemerals()
		list = all[len(all)-1]
		return strings.Contains(string(list.Blocks), "Extend…")
	}))
	b.Must(ada.Click(b.Ctx, list, "Extend…"))
	more, err := ada.AwaitModal(b.Ctx, "Extend your access")
	b.Must(err)
	b.Must(more.Fill(b.Ctx, "How much longer?", "1 hour"))
	b.Must(more.Fill(b.Ctx, "Why?", "not done yet"))
	b.Must(more.Submit(b.Ctx))
	b.Must(bo.Click(b.Ctx, b.asked(bo, ""), "Approve"))
	_, err = ada.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "Your access was extended.") })
	b.Must(err)
	_, err = b.Sim.Await(b.Ctx, "access", func(m slacksim.Message) bool {
		return m.Thread != "" && strings.Contains(m.Text, "asks to extend their access by 1 hour")
	})
	b.Must(err)

	b.setPolicies(0, b.steps("Money", []string{"finance-rdp"}, policy.Administrators))
	b.ask(dev, "finance-rdp 1h closing the books")
	items := []access.ItemRef{{ResourceID: b.resourceID("finance-rdp")}, {ResourceID: b.resourceID("build-mac")}}
	_, err = b.App.Access.CreateRequest(b.Ctx, b.actorOf("ada@example.com"), access.NewRequest{Items: items, Duration: 7200, Reason: "both"})
	b.Must(err)
	b.Must(b.choosing(bo).Submit(b.Ctx))
	b.Must(bo.AwaitNoModal(b.Ctx))
}

// Everything that the bot shows is what Slack's own types say that it can be.
func TestSlackTypes(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Node and npm")
	}
	dir := filepath.Join("..", "internal", "slackapi", "testdata", "types")
	tsc := filepath.Join(dir, "node_modules", ".bin", "tsc")
	if _, err := os.Stat(tsc); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("TypeScript is not installed: run make test")
		}
		t.Skip("TypeScript is not installed: run make test, or npm ci in " + dir)
	}
	b := newSlackBed(t)
	b.story()
	taken := b.Taken()

	var src, all bytes.Buffer
	src.WriteString("import type { HomeView, KnownBlock, ModalView, Option } from \"@slack/types\";\n")
	src.WriteString("interface Message { text: string; blocks: KnownBlock[] }\n")
	types := map[string]string{"message": "Message", "view": "ModalView | HomeView", "options": "{ options: Option[] }"}
	for i, s := range taken {
		all.Write(s.Content)
		all.WriteByte('\n')
		fmt.Fprintf(&src, "export const %s%d: %s = %s;\n", s.Kind, i, types[s.Kind], s.Content)
	}
	src.WriteString("// @ts-expect-error a modal has a title\nexport const wrong: ModalView | HomeView = { type: \"modal\", blocks: [] };\n")
	src.WriteString("// @ts-expect-error a button's text is plain\nexport const odd: Message = { text: \"\", blocks: [{ type: \"actions\", elements: [{ type: \"button\", text: { type: \"mrkdwn\", text: \"x\" } }] }] };\n")
	// Slack's JSON schema for manifests is in no package; these are Slack's own type
	// and that which is made from the schema store's.
	src.WriteString("import type { AppsManifestCreateArguments } from \"@slack/web-api\";\nimport type { SlackAppManifest } from \"@schemastore/slack-app-manifest\";\n")
	for name, args := range map[string][]string{"urls": nil, "sockets": {"--socket-mode"}} {
		var out bytes.Buffer
		none := func() []string { return nil }
		c := command.Root(command.Surroundings{Environ: none, Out: &out, Err: io.Discard},
			append([]string{"slack", "manifest", "--public-url", "https://procyon.example.com"}, args...), command.Slack)
		b.Must(c.ExecuteContext(b.Ctx))
		fmt.Fprintf(&src, "export const %[1]s: AppsManifestCreateArguments[\"manifest\"] = %[2]s;\nexport const %[1]s2: SlackAppManifest = %[3]s;\n", name, out.Bytes(), withoutSubscriptions(b, out.Bytes()))
	}
	src.WriteString("// @ts-expect-error a command has a name\nexport const nameless: AppsManifestCreateArguments[\"manifest\"] = { display_information: { name: \"x\" }, features: { slash_commands: [{ description: \"x\" }] } };\n")
	words := unescaped(all.Bytes())
	for name, text := range surfaces() {
		if !strings.Contains(words, text) {
			t.Errorf("the story never showed %s (%s)", name, text)
		}
	}
	file := filepath.Join(dir, "gen", "bot.ts")
	b.Must(os.MkdirAll(filepath.Dir(file), 0o755))
	b.Must(os.WriteFile(file, src.Bytes(), 0o644))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, tsc, "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--moduleResolution", "nodenext", file).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// unescaped is JSON with its characters as they are.
func unescaped(lines []byte) string {
	var out bytes.Buffer
	d := json.NewDecoder(bytes.NewReader(lines))
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	for {
		var v any
		if d.Decode(&v) != nil {
			return out.String()
		}
		_ = e.Encode(v)
	}
}

// withoutSubscriptions leaves out of a manifest what Slack's own types and documentation have
// and the schema store's schema lacks.
func withoutSubscriptions(b *slackBed, manifest []byte) []byte {
	b.T.Helper()
	var m map[string]any
	b.Must(json.Unmarshal(manifest, &m))
	settings, _ := m["settings"].(map[string]any)
	events, _ := settings["event_subscriptions"].(map[string]any)
	if events["metadata_subscriptions"] == nil {
		b.T.Error("the manifest subscribes to no metadata")
	}
	delete(events, "metadata_subscriptions")
	out, err := json.Marshal(m)
	b.Must(err)
	return out
}
