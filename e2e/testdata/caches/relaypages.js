// Relay goes through a list and a request's timeline page by page, by the queries that its
// compiler made of pages.js, and has in the end what the server has at once.
import assert from 'node:assert/strict';
import relay from 'relay-runtime';
import { whole } from './documents.js';
import { artifact, environment } from './relay.js';
import { makePlace } from './place.js';
import { ask } from './server.js';

const { fetchQuery, createOperationDescriptor, getSelector } = relay;

export async function pages({ people: { ada, dev }, hook }) {
  const { ws, relay: env } = environment(ada);
  const load = (query, variables) => fetchQuery(env, query, variables, { networkCacheConfig: { force: true } }).toPromise();
  // all reads the fragment that a query begins with to its end, two at once.
  const all = async (query, variables, fragment, field, next, more) => {
    await load(query, variables);
    const read = () => {
      const { data } = env.lookup(createOperationDescriptor(query, variables).fragment);
      return env.lookup(getSelector(fragment, data.accessRequest ?? data)).data[field];
    };
    for (let list = read(); list.pageInfo.hasNextPage; list = read()) {
      const had = list.edges.length;
      await load(next, { ...more, count: 2, cursor: list.pageInfo.endCursor });
      assert.ok(read().edges.length > had, `no more of ${field} after ${had}`);
    }
    return read().edges.map(({ node }) => node);
  };
  const plain = (nodes) => nodes.map(({ __typename, ...node }) => node);

  const { accessRequests: { edges } } = await ask(ada, whole('List'), { filter: { requesterId: dev.id }, first: 100 });
  const listed = await all(await artifact('pagesRequestsQuery'), { requester: dev.id }, await artifact('pages_requests'),
    'accessRequests', await artifact('pagesRequestsNextQuery'), { requester: dev.id });
  assert.deepEqual(plain(listed), edges.map(({ node: { id, status } }) => ({ id, status })));

  // One with four steps.
  const place = await makePlace(ada, 'pages', hook);
  const wish = { items: [{ resourceId: place.resource }], duration: 'PT1H', reason: 'pages' };
  const { result: { accessRequest: { id } } } = await ask(dev, whole('Create'), { input: wish });
  for (const duration of ['PT2H', 'PT3H', 'PT4H']) await ask(dev, whole('Update'), { input: { requestId: id, duration } });
  const { accessRequest } = await ask(dev, 'query($id: ID!) { accessRequest(id: $id) { timeline { nodes { seq type } } } }', { id });
  assert.equal(accessRequest.timeline.nodes.length, 4);
  const timeline = await all(await artifact('pagesTimelineQuery'), { id }, await artifact('pages_timeline'),
    'timeline', await artifact('pagesTimelineNextQuery'), { id });
  assert.deepEqual(plain(timeline), accessRequest.timeline.nodes);
  await ws.dispose();
}
