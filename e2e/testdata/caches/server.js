// The server without any cache between: what is true.
import { createClient } from 'graphql-ws';

// post sends one operation and returns its whole answer.
export async function post(person, query, variables) {
  const response = await fetch(person.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${person.token}` },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

// ask is post for what must succeed; it returns the data.
export async function ask(person, query, variables) {
  const { data, errors } = await post(person, query, variables);
  if (errors) throw new Error(`${JSON.stringify(errors)} of ${query} with ${JSON.stringify(variables)}`);
  for (const payload of Object.values(data)) {
    if (payload?.userErrors?.length) throw new Error(`${JSON.stringify(payload.userErrors)} with ${JSON.stringify(variables)}`);
  }
  return data;
}

// socket is a WebSocket of graphql-ws for a person.
export const socket = (person) => createClient({
  url: person.url.replace(/^http/, 'ws'),
  connectionParams: { authorization: `Bearer ${person.token}` },
  retryAttempts: 0,
});
