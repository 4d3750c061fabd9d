// An app made with Slack's own framework. It prints one line of JSON for each thing
// that the framework routed to a handler, so that a test can compare.
// Arguments: the base URL of the simulated Slack; "http" or "socket".
import bolt from "@slack/bolt";

const [base, mode] = process.argv.slice(2);
const tell = (line) => process.stdout.write(JSON.stringify(line) + "\n");
const quiet = { debug() {}, info() {}, warn: (...m) => console.error(...m), error: (...m) => console.error(...m), setLevel() {}, getLevel: () => "error", setName() {} };

const clientOptions = { slackApiUrl: `${base}/api/`, retryConfig: { retries: 0 } };
const receiver = mode === "socket"
  ? new bolt.SocketModeReceiver({ appToken: process.env.APP_TOKEN, clientPingTimeout: 1500, logger: quiet, installerOptions: { clientOptions } })
  : new bolt.HTTPReceiver({ signingSecret: process.env.SIGNING_SECRET, logger: quiet });
const app = new bolt.App({ token: process.env.BOT_TOKEN, receiver, logger: quiet, clientOptions });

const title = (text) => ({ type: "plain_text", text });
const form = {
  type: "modal", callback_id: "request", notify_on_close: true, title: title("Ask"), submit: title("Send"), close: title("Cancel"),
  blocks: [
    { type: "input", block_id: "what", label: title("What"), element: { type: "external_select", action_id: "resource", min_query_length: 1 } },
    { type: "input", block_id: "why", label: title("Why"), element: { type: "plain_text_input", action_id: "reason" } },
  ],
};
const approve = { type: "actions", block_id: "decide", elements: [{ type: "button", action_id: "approve", value: "req_1", text: title("Approve") }] };

app.command("/procyon", async ({ command, ack, client, respond, say }) => {
  tell({ routed: "command", text: command.text, user: command.user_id, team: command.team_id });
  await ack();
  if (command.text === "request") await client.views.open({ trigger_id: command.trigger_id, view: form });
  if (command.text === "respond") await respond({ text: "only you" });
  if (command.text === "say") await say({ text: "everybody", blocks: [approve] });
});
app.options({ action_id: "resource", block_id: "what" }, async ({ options, ack }) => {
  tell({ routed: "options", value: options.value });
  await ack({ options: [{ text: title("orders-db"), value: "res_1" }] });
});
app.view({ callback_id: "request", type: "view_submission" }, async ({ view, body, ack }) => {
  const reason = view.state.values.why.reason.value;
  tell({ routed: "submission", user: body.user.id, reason, resource: view.state.values.what.resource.selected_option.value });
  if (reason === "no") return ack({ response_action: "errors", errors: { why: "Say more." } });
  if (reason === "more") return ack({ response_action: "update", view: { ...form, title: title("More") } });
  await ack();
});
app.view({ callback_id: "request", type: "view_closed" }, async ({ body, ack }) => {
  tell({ routed: "closed", cleared: body.is_cleared });
  await ack();
});
app.action({ action_id: "approve", block_id: "decide" }, async ({ action, body, ack, respond }) => {
  tell({ routed: "action", value: action.value, user: body.user.id, from: body.container.type });
  await ack();
  if (body.container.type === "message") await respond({ text: "approved", replace_original: true });
});
app.event("app_home_opened", async ({ event, client }) => {
  tell({ routed: "event", type: event.type, user: event.user });
  await client.views.publish({ user_id: event.user, view: { type: "home", blocks: [approve] } });
});
app.event("tokens_revoked", async ({ event }) => tell({ routed: "event", type: event.type, bots: event.tokens.bot.length }));
app.event("app_uninstalled", async ({ event }) => tell({ routed: "event", type: event.type }));
app.error(async (e) => tell({ routed: "error", error: String(e) }));

const server = await app.start(mode === "socket" ? undefined : { port: 0, host: "127.0.0.1" });
tell({ routed: "ready", port: mode === "socket" ? 0 : server.address().port });
process.stdin.on("end", async () => { await app.stop(); process.exit(0); }).resume();
