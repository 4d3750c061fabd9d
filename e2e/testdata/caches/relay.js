// Relay's runtime, on what Relay's compiler made of documents.js and pages.js.
import relay from 'relay-runtime';
import { fragments, operations } from './documents.js';
import { post, socket } from './server.js';

const { Environment, Network, Observable, RecordSource, ROOT_TYPE, Store, commitMutation, createOperationDescriptor,
  fetchQuery, getSelector, requestSubscription } = relay;

export const artifact = async (name) => (await import(`${process.cwd()}/__generated__/${name}.graphql.js`)).default;

// compiled is what the compiler made, by the names of documents.js.
const compiled = {};
for (const name of Object.keys(fragments)) compiled[name] = await artifact(name);
for (const [name, text] of Object.entries(operations)) compiled[name] = await artifact(text.match(/documents\w+/)[0]);

// inCache lets node(id:) and accessRequest(id:) find what is in the store already.
const inCache = [{
  kind: 'linked',
  handle: (field, record, { id }) => (record?.getType() === ROOT_TYPE && ['node', 'accessRequest'].includes(field.name) ? id : undefined),
}];

export function environment(person) {
  const ws = socket(person);
  const send = ({ text }, variables) => Observable.from(post(person, text, variables));
  const listen = ({ text }, variables) => Observable.create((sink) => ws.subscribe({ query: text, variables }, sink));
  return { ws, relay: new Environment({ network: Network.create(send, listen), store: new Store(new RecordSource()), missingFieldHandlers: inCache }) };
}

export function relayClient(person) {
  const { ws, relay: env } = environment(person);
  // unmasked is data with its fragments' fields beside its own.
  const unmasked = (data) => {
    if (Array.isArray(data)) return data.map(unmasked);
    if (data === null || typeof data !== 'object') return data;
    const { __fragments, __id, __fragmentOwner, ...own } = data;
    const out = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, unmasked(value)]));
    for (const name of Object.keys(__fragments ?? {})) {
      Object.assign(out, unmasked(env.lookup(getSelector(compiled[name], data)).data));
    }
    return out;
  };
  return {
    name: 'Relay',
    async run(name, variables) {
      const document = compiled[name];
      if (document.params.operationKind === 'query') {
        return { data: unmasked(await fetchQuery(env, document, variables, { networkCacheConfig: { force: true } }).toPromise()) };
      }
      return new Promise((resolve, reject) => {
        commitMutation(env, {
          mutation: document, variables, onError: reject,
          onCompleted: (data, errors) => resolve({ data: unmasked(data), errors: errors ?? undefined }),
        });
      });
    },
    shown(name, variables) {
      const operation = createOperationDescriptor(compiled[name], variables);
      if (env.check(operation).status !== 'available') return null;
      return unmasked(env.lookup(operation.fragment).data);
    },
    follow(variables, each, failed) {
      const { dispose } = requestSubscription(env, {
        subscription: compiled.Events, variables, onNext: (data) => each(unmasked(data).requestEvents), onError: failed,
      });
      return dispose;
    },
    stop: () => ws.dispose(),
  };
}
