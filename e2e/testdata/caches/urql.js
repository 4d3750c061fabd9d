// urql with its normalising cache, graphcache, which knows the whole schema.
import { Client, createRequest, fetchExchange, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { operations, whole } from './documents.js';
import { socket } from './server.js';

export function urql(person, { schema, typeOf, warn }) {
  const ws = socket(person);
  const embedded = schema.__schema.types
    .filter(({ kind, fields }) => kind === 'OBJECT' && !fields.some(({ name }) => name === 'id'))
    .map(({ name }) => [name, () => null]);
  const client = new Client({
    url: person.url,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: `Bearer ${person.token}` } },
    exchanges: [
      cacheExchange({
        schema,
        keys: Object.fromEntries(embedded),
        resolvers: { Query: { node: (_, { id }) => (typeOf(id) ? { __typename: typeOf(id), id } : null) } },
        logger: (severity, message) => severity !== 'debug' && warn(message),
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (operation) => ({ subscribe: (sink) => ({ unsubscribe: ws.subscribe(operation, sink) }) }),
      }),
    ],
  });
  const request = (name, variables) => createRequest(whole(name), variables);
  return {
    name: 'urql',
    async run(name, variables) {
      const { data, error } = await (/^\s*mutation/.test(operations[name])
        ? client.executeMutation(request(name, variables))
        : client.executeQuery(request(name, variables), { requestPolicy: 'network-only' })).toPromise();
      return { data, errors: error && (error.networkError ? [error.networkError] : error.graphQLErrors) };
    },
    shown: (name, variables) => client.readQuery(whole(name), variables, { requestPolicy: 'cache-only' })?.data ?? null,
    follow(variables, each, failed) {
      const subscription = client.executeSubscription(request('Events', variables))
        .subscribe(({ data, error }) => (error ? failed(error) : each(data.requestEvents)));
      return () => subscription.unsubscribe();
    },
    stop: () => ws.dispose(),
  };
}
