// An app that is installed by Slack's own library for that. It prints a line of JSON
// for each installation that the library stored.
// Argument: the base URL of the simulated Slack.
import http from "node:http";
import { InstallProvider } from "@slack/oauth";

const [base] = process.argv.slice(2);
const tell = (line) => process.stdout.write(JSON.stringify(line) + "\n");
const silent = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel: () => "error", setName() {} }; // a refusal is told below
const stored = new Map();
const key = (q) => (q.isEnterpriseInstall ? q.enterprise?.id ?? q.enterpriseId : q.team?.id ?? q.teamId);
const provider = new InstallProvider({
  clientId: process.env.CLIENT_ID, clientSecret: process.env.CLIENT_SECRET, stateSecret: "of this test", directInstall: true, logger: silent,
  authorizationUrl: `${base}/oauth/v2/authorize`, clientOptions: { slackApiUrl: `${base}/api/`, retryConfig: { retries: 0 } },
  installationStore: {
    storeInstallation: async (i) => { stored.set(key(i), i); tell({ routed: "stored", installation: i }); },
    fetchInstallation: async (q) => stored.get(key(q)),
    deleteInstallation: async (q) => { stored.delete(key(q)); },
  },
});
const server = http.createServer(async (req, res) => {
  const path = new URL(req.url, "http://localhost").pathname;
  if (path === "/install") {
    await provider.handleInstallPath(req, res, {}, { scopes: ["commands", "chat:write", "incoming-webhook"], redirectUri: `http://127.0.0.1:${server.address().port}/oauth` });
  } else if (path === "/oauth") {
    await provider.handleCallback(req, res, { failureAsync: async (e, _o, _req, r) => { tell({ routed: "failed", code: e.code }); r.end("failed"); } });
  } else {
    const query = Object.fromEntries(new URL(req.url, "http://localhost").searchParams);
    const found = await provider.authorize({ teamId: query.team, enterpriseId: query.enterprise, isEnterpriseInstall: Boolean(query.enterprise) });
    res.end(JSON.stringify({ token: found.botToken, refresh: found.botRefreshToken }));
  }
});
server.listen(0, "127.0.0.1", () => tell({ routed: "ready", port: server.address().port }));
process.stdin.on("end", () => process.exit(0)).resume();
