// Apollo Client with its InMemoryCache. What each of the three clients offers:
//   run     asks the server and returns { data, errors }
//   shown   returns the data from the cache alone, or null where it has not all of it
//   follow  calls back with each event until the function that it returns is called
//   stop    ends what is open
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { operations, whole } from './documents.js';
import { socket } from './server.js';

export function apollo(person, { possibleTypes, typeOf }) {
  const ws = socket(person);
  const client = new ApolloClient({
    link: ApolloLink.split(({ operationType }) => operationType === 'subscription', new GraphQLWsLink(ws),
      new HttpLink({ uri: person.url, headers: { authorization: `Bearer ${person.token}` } })),
    cache: new InMemoryCache({
      possibleTypes,
      typePolicies: {
        Query: { fields: { node: { read: (_, { args, toReference }) => toReference({ __typename: typeOf(args.id), id: args.id }) } } },
      },
    }),
  });
  const documents = Object.fromEntries(Object.keys(operations).map((name) => [name, gql(whole(name))]));
  return {
    name: 'Apollo',
    async run(name, variables) {
      const document = documents[name];
      const { data, error } = document.definitions[0].operation === 'mutation'
        ? await client.mutate({ mutation: document, variables, errorPolicy: 'all' })
        : await client.query({ query: document, variables, errorPolicy: 'all', fetchPolicy: 'network-only' });
      return { data, errors: error && (error.errors ?? [error]) };
    },
    shown: (name, variables) => client.readQuery({ query: documents[name], variables }),
    follow(variables, each, failed) {
      const subscription = client.subscribe({ query: documents.Events, variables, errorPolicy: 'all' })
        .subscribe({ next: ({ data, error }) => (error ? failed(error) : each(data.requestEvents)), error: failed });
      return () => subscription.unsubscribe();
    },
    stop() {
      client.stop();
      return ws.dispose();
    },
  };
}
