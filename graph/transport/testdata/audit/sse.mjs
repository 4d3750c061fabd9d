// Drives the server at the URL given with the reference client for GraphQL over
// SSE, and prints one line of JSON for each result. A client that is cut off
// comes again at once, with the cursor of its last event as Last-Event-ID.
import { createClient } from 'graphql-sse';

const url = process.argv[2];
let last; // cursor
const client = createClient({
  url,
  headers: () => (last === undefined ? {} : { 'last-event-id': last }),
  retry: async () => {},
});

const run = async (name, query, variables) => {
  for await (const result of client.iterate({ query, variables })) {
    last = result.data?.events?.cursor ?? last;
    console.log(JSON.stringify({ name, result }));
  }
  last = undefined;
};

await run('query', '{ ping }');
await run('mutation', 'mutation($t: String!) { publish(text: $t) }', { t: 'hello' });
await run('refused', '{ nothing }');
await run('literal', 'subscription { events { cursor } }');
await run('variable', 'subscription($after: Cursor) { events(after: $after) { cursor } }', { after: '2' });
client.dispose();
