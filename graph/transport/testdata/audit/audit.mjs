// Runs the GraphQL over HTTP audit against the URL given, and prints one line of
// JSON for each of its rules. The exit status is 1 unless all are kept.
import { serverAudits } from 'graphql-http';

const url = process.argv[2];
const results = [];
for (const audit of serverAudits({ url })) {
  results.push(await audit.fn());
}
for (const { id, name, status, reason } of results) {
  console.log(JSON.stringify({ id, name, status, reason }));
}
process.exitCode = results.every((r) => r.status === 'ok') ? 0 : 1;
