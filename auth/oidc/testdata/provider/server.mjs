// A real OpenID Connect provider for tests. It reads one line of JSON, the client
// ({"redirectUri", "clientId", "clientSecret"}), and prints its issuer. People sign in
// by its own sample pages with any name. POST /test/people ({"NAME": {claims}}) says
// what it knows of them, which is the user information. Among the claims, id_token has
// those that are in the ID token, and userinfo_fails lets the user information fail.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

const [line] = await new Promise((resolve) => createInterface({ input: process.stdin }).once("line", (l) => resolve([l])));
const client = JSON.parse(line);
const people = new Map();

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: client.clientId,
      client_secret: client.clientSecret,
      redirect_uris: [client.redirectUri],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username"], groups: ["groups"] },
  conformIdTokenClaims: false, // the ID token has what id_token says
  pkce: { required: () => true },
  cookies: { keys: ["a key for tests alone"] },
  async findAccount(_ctx, id) {
    const { id_token: inToken = {}, userinfo_fails: fails = false, ...rest } = people.get(id) ?? {};
    return {
      accountId: id,
      claims: async (use) => {
        if (use === "id_token") return { sub: id, ...inToken };
        if (fails) throw new Error("the user information fails, as the test wants");
        return { sub: id, ...rest };
      },
    };
  },
});

provider.use(async (ctx, next) => {
  if (ctx.path !== "/test/people" || ctx.method !== "POST") return next();
  let body = "";
  for await (const chunk of ctx.req) body += chunk;
  for (const [name, claims] of Object.entries(JSON.parse(body))) people.set(name, claims);
  ctx.status = 204;
});

server.on("request", provider.callback());
process.stdin.on("end", () => process.exit(0)); // whoever started us is gone
console.log(issuer);
