// Drives the server at the URL given with the reference client for GraphQL over
// SSE, and prints one line of JSON for each result, and for each end of a stream.
import { createClient } from 'graphql-sse';

const url = process.argv[2];
const client = createClient({ url, retryAttempts: 0 }); // as docs/api.md has it
const query = 'subscription($kind: String, $after: Cursor) { events(filter: {kind: $kind}, after: $after) { cursor } }';
const say = (name, line) => console.log(JSON.stringify({ name, ...line }));

// once asks one time and tells how that ended.
async function once(name, request, asked = client) {
  let after;
  try {
    for await (const result of asked.iterate(request)) {
      say(name, { result });
      after = result.data?.events?.cursor ?? after;
    }
    say(name, { end: 'complete' });
    return { after, done: true };
  } catch (problem) {
    say(name, { end: problem.name });
    return { after, done: false };
  }
}

await once('query', { query: '{ ping }' });
await once('mutation', { query: 'mutation($t: String!) { publish(text: $t) }', variables: { t: 'hello' } });
await once('refused', { query: '{ nothing }' });

// Each way in which a stream ends, and nothing is asked for again by itself.
for (const kind of ['over', 'interrupted', 'rights', 'token', 'long', 'cut']) {
  await once(kind, { query, variables: { kind, after: '0' } });
}

// A client with its own retries, too, leaves alone what has ended with a word.
const eager = createClient({ url, retry: async () => {} });
for (const kind of ['interrupted', 'rights']) {
  await once('eager ' + kind, { query, variables: { kind, after: '0' } }, eager);
}

// Over any number of ends, the loop that resumes from its own cursor gets each event once.
let after = '0';
for (let ended = false; !ended; ) {
  try {
    for await (const { data, errors } of client.iterate({ query, variables: { kind: 'resume', after } })) {
      if (errors) throw errors;
      say('resume', { result: { data } });
      after = data.events.cursor;
      ended = after === '9';
    }
  } catch (problem) {
    say('resume ends', { end: problem[0]?.extensions.code ?? problem.name });
  }
}
client.dispose();
eager.dispose();
