// Drives the reference client against the server whose addresses are given:
// its WebSocket, and its control page (/say?n=, /cut). Prints nothing when content.
import assert from 'node:assert/strict';
import { CloseCode, createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, control] = process.argv.slice(2);
const act = async (path) => {
  const res = await fetch(control + path, { method: 'POST' });
  assert.equal(res.status, 200, await res.text());
};
const client = (options = {}) =>
  createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { name: 'ann' }, ...options });

const once = async (c, query) => {
  const results = [];
  for await (const r of c.iterate({ query })) results.push(r);
  return results;
};

async function operations() {
  const c = client();
  assert.deepEqual(await once(c, '{ ping }'), [{ data: { ping: 'pong' } }]);
  assert.deepEqual(await once(c, 'mutation { publish(text: "a") }'), [{ data: { publish: 'a' } }]);
  await assert.rejects(once(c, '{ nothing }'), (errors) => /nothing/.test(errors[0].message));
  await assert.rejects(once(c, 'subscription { events(after: "1000000") { text } }'),
    (errors) => errors[0].extensions.code === 'JOURNAL_CHANGED');
  await c.dispose();
}

async function forbidden() {
  const c = client({ connectionParams: { name: 'nobody' } });
  await assert.rejects(once(c, '{ ping }'), (event) => event.code === CloseCode.Forbidden);
}

// Events go on while the connection is cut; the client resumes after its last
// cursor and sees every one once, in order.
async function resumes() {
  const total = 60;
  const seen = [];
  let cuts = 0;
  let after = '0';
  while (seen.length < total) {
    const c = client({ keepAlive: 5000 });
    try {
      const query = 'subscription ($after: Cursor) { events(filter: {kind: "numbered"}, after: $after) { cursor text } }';
      let here = 0;
      for await (const { data } of c.iterate({ query, variables: { after } })) {
        seen.push(Number(data.events.text));
        after = data.events.cursor;
        here++;
        if (seen.length === total) break;
        if (here === 7) await act('/cut'); // some of what was sent is lost with the connection
        if (seen.length % 5 === 1) await act('/say?n=5');
      }
    } catch (event) {
      assert.equal(event.code, 1012, String(event));
      assert.match(event.reason, /resume after your last cursor/);
      cuts++;
      await act('/say?n=3'); // published while the client is away
    } finally {
      await c.dispose();
    }
  }
  assert.deepEqual(seen, Array.from({ length: total }, (_, i) => i));
  assert.ok(cuts > 3, `${cuts} cuts`);
}

await operations();
await forbidden();
await act('/say?n=1');
await resumes();
