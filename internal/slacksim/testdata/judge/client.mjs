// Drives the simulated Slack's Web API by Slack's own client, and prints a line for
// each call that did not answer as Slack does.
// Arguments: the base URL of the simulated Slack, the id of a channel.
import assert from "node:assert/strict";
import { WebClient, ErrorCode } from "@slack/web-api";

const [base, channel] = process.argv.slice(2);
const options = { slackApiUrl: `${base}/api/`, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true };
const web = new WebClient(process.env.BOT_TOKEN, options);
const refused = (code) => (e) => e.code === ErrorCode.PlatformError && e.data.error === code;
const blocks = [{ type: "section", text: { type: "mrkdwn", text: "*hello*" } }];

const who = await web.auth.test();
assert.equal(who.team_id, "T0SIMULATED");
assert.deepEqual(who.response_metadata.scopes.includes("chat:write"), true);
assert.equal((await web.team.info()).team.id, who.team_id);
assert.equal((await web.bots.info({ bot: who.bot_id })).bot.user_id, who.user_id);
assert.equal((await web.users.info({ user: "U0DEV" })).user.profile.email, "dev@example.com");
assert.equal((await web.users.lookupByEmail({ email: "ada@example.com" })).user.id, "U0ADA");
let people = 0;
for await (const page of web.paginate("users.list", { limit: 2 })) people += page.members.length;
assert.equal(people, 4);

const dm = await web.conversations.open({ users: "U0DEV" });
assert.match(dm.channel.id, /^D/);
assert.equal((await web.conversations.join({ channel })).channel.id, channel);
assert.equal((await web.conversations.info({ channel })).channel.is_member, true);
await assert.rejects(web.conversations.list(), (e) => e.code === ErrorCode.RateLimitedError && e.retryAfter === 9); // ordered by the test
assert.equal((await web.conversations.list({ types: "public_channel" })).channels.length, 1);
let listed = [];
for await (const page of web.paginate("conversations.list", { types: "public_channel", exclude_archived: true, limit: 1 })) listed = listed.concat(page.channels);
assert.deepEqual(listed.map((c) => [c.id, c.is_member]), [[channel, true]]);
await assert.rejects(web.conversations.list({ types: "public_channel,private_channel" }), refused("missing_scope")); // groups:read
await assert.rejects(web.conversations.list({ types: "secret_channel" }), refused("invalid_types"));

const posted = await web.chat.postMessage({ channel, text: "hello", blocks });
assert.equal(posted.message.blocks[0].text.text, "*hello*");
assert.ok(posted.message.blocks[0].block_id);
const reply = await web.chat.postMessage({ channel, text: "reply", thread_ts: posted.ts });
assert.equal(reply.message.thread_ts, posted.ts);
const marked = await web.chat.postMessage({ channel, text: "marked", metadata: { event_type: "task_created", event_payload: { id: "1" } } });
assert.deepEqual(marked.message.metadata, { event_type: "task_created", event_payload: { id: "1" } });
await web.chat.delete({ channel, ts: marked.ts });
assert.equal((await web.chat.update({ channel, ts: posted.ts, text: "changed" })).text, "changed");
assert.match((await web.chat.getPermalink({ channel, message_ts: posted.ts })).permalink, /archives/);
assert.ok((await web.chat.postEphemeral({ channel, user: "U0ADA", text: "psst" })).message_ts);
await web.chat.delete({ channel, ts: reply.ts });

const view = { type: "home", blocks };
const home = await web.views.publish({ user_id: "U0DEV", view });
assert.equal(home.view.type, "home");
assert.equal((await web.views.publish({ user_id: "U0DEV", view, hash: home.view.hash })).view.id, home.view.id);
await assert.rejects(web.views.publish({ user_id: "U0DEV", view, hash: home.view.hash }), refused("hash_conflict"));
await assert.rejects(web.views.open({ trigger_id: "1.2.3", view: { type: "modal", title: { type: "plain_text", text: "T" }, blocks } }), refused("invalid_trigger_id"));
await assert.rejects(web.chat.postMessage({ channel, text: "x", blocks: [{ type: "header" }] }), (e) =>
  refused("invalid_blocks")(e) && e.data.response_metadata.messages[0].includes("json-pointer"));
await assert.rejects(web.chat.update({ channel, ts: "1.1", text: "x" }), refused("message_not_found"));
await assert.rejects(new WebClient("xoxb-none", options).auth.test(), refused("invalid_auth"));
await assert.rejects(web.users.list({ limit: 1, cursor: "nonsense" }), refused("invalid_cursor"));

const installed = await new WebClient(undefined, options).oauth.v2.access({
  client_id: process.env.CLIENT_ID, client_secret: process.env.CLIENT_SECRET, code: process.env.CODE,
});
assert.equal(installed.access_token, process.env.BOT_TOKEN);
assert.equal(installed.incoming_webhook.channel_id, channel);
console.log("content");
