// A random walk of reads, changes and replayed events. After each step, and after each event
// that is replayed, what a cache shows under an ID must be what the server says at that moment.
//
// The caches are Ada's. What she does goes through all three clients, with one idempotency
// key, so that it is done once. What Bo and Dev do they hear of by their live events, and
// then ask for that request again, as an application does. It returns the moves that it did
// not make.
import assert from 'node:assert/strict';
import { whole } from './documents.js';
import { ask } from './server.js';
import { differences, follow, idsIn, randomness, replay, within } from './check.js';
import { makePlace } from './place.js';

export async function walk({ people, clients, kinds, seed, steps, hook }) {
  const { ada, bo, dev } = people;
  const random = randomness(seed);
  const place = await makePlace(ada, `walk ${seed}`, hook);
  const caches = clients(ada).map((client) => ({ ...client, known: new Set(), live: [] }));
  const trace = [];
  const made = new Set();

  // Everything that there is to be known in this place, by ID; each step refreshes it.
  let truth = new Map();
  const look = async () => {
    const [{ accessRequests }, { deliveries }, { users }] = await Promise.all([
      ask(ada, whole('List'), { filter: { resourceId: place.resource }, first: 100 }),
      ask(ada, whole('Deliveries'), { filter: { integrationId: place.integration }, first: 30 }),
      ask(ada, whole('Users')),
    ]);
    const nodes = [
      ...accessRequests.edges.map(({ node }) => ['AccessRequest', node]),
      ...deliveries.nodes.map((node) => ['Delivery', node]),
      ...users.nodes.map((node) => ['User', node]),
    ];
    for (const [kind, { id }] of nodes) kinds.set(id, kind);
    truth = new Map(nodes.map(([, node]) => [node.id, node]));
  };
  const requests = (...statuses) => [...truth.values()].filter(({ status, reason }) => reason && (!statuses.length || statuses.includes(status)));
  const of = (person, list) => list.filter(({ requester }) => (requester.userId === ada.id) === (person === ada));

  const compare = (cache, id, when) => {
    const shown = cache.shown('Node', { id })?.node ?? null;
    if (shown === null && !cache.known.has(id)) return;
    const wrong = shown ? differences(truth.get(id), shown) : ['it has not all of it any more'];
    assert.equal(wrong.length, 0, `${cache.name}'s cache has of ${id} ${when}: ${wrong.join('; ')}\nafter seed ${seed}:\n${trace.join('\n')}`);
  };

  // read asks one question through every client, from the server.
  const read = (name, variables) => Promise.all(caches.map(async (cache) => {
    const { data, errors } = await cache.run(name, variables);
    assert.equal(errors, undefined, `${cache.name}: ${JSON.stringify(errors)}`);
    for (const id of idsIn(data)) cache.known.add(id);
  }));
  const refetch = (id) => read(random.pick(['Node', 'Request']), { id });

  // heard waits until each client had an event of each of these types of a request.
  const heard = async (id, types, since) => {
    for (const cache of caches) {
      await within(`${cache.name} hears ${types} of ${id}`, cache.until(() => types.every(
        (type) => cache.live.slice(since).some((event) => event.type === type && event.request.requestId === id))));
    }
  };

  let keys = 0;
  // change lets Ada's clients do something; each shows the outcome from its mutation's answer.
  const change = async (name, input, types) => {
    const since = caches[0].live.length;
    const idempotencyKey = `${seed} ${++keys}`;
    let request;
    for (const cache of caches) {
      const { data, errors } = await cache.run(name, { input: { ...input, idempotencyKey } });
      assert.equal(errors, undefined, `${cache.name}: ${JSON.stringify(errors)}`);
      assert.deepEqual(data.result.userErrors.map(({ message }) => message), [], `${cache.name}: ${name}`);
      request = data.result.accessRequest;
      for (const id of idsIn(data)) cache.known.add(id);
    }
    await heard(request.id, types, since);
    if (types.includes('ACTIVATED')) await refetch(request.id); // which time brought
  };
  // elsewhere lets somebody else do something.
  const elsewhere = async (person, name, input, types) => {
    const since = caches[0].live.length;
    const { accessRequest } = (await ask(person, whole(name), { input })).result;
    await heard(accessRequest.id, types, since);
    await refetch(accessRequest.id);
  };

  const ahead = () => new Date(Date.now() + 86_400_000).toISOString();
  const wish = () => ({
    items: [{ resourceId: place.resource }], duration: random.pick(['PT1H', 'PT2H']), reason: `wish ${random.below(1000)}`,
    allowDuplicate: true, ...(random.below(3) === 0 && { startsAt: ahead() }),
  });
  const review = ({ id, version, extension }, decision) => ({
    requestId: id, expectedVersion: version, subject: extension ? 'EXTENSION' : 'REQUEST', decision, comment: 'seen',
  });
  const decided = (request, decision) => {
    if (request.extension) return [decision === 'APPROVE' ? 'EXTENDED' : 'EXTENSION_DENIED'];
    if (decision === 'DENY') return ['DENIED'];
    return request.startsAt ? ['APPROVED'] : ['APPROVED', 'ACTIVATED'];
  };
  const undecided = () => [...requests('PENDING'), ...requests('ACTIVE').filter(({ extension }) => extension)];
  const unextended = () => requests('ACTIVE').filter(({ extension }) => !extension);

  // What may come next: how often, of which requests, and what is then done.
  const moves = {
    list: [6, null, () => read('List', { first: 1 + random.below(20), filter: { resourceId: place.resource, ...random.pick([{},
      { status: ['PENDING'] }, { status: ['ACTIVE', 'CANCELED', 'DENIED'] }, { requesterId: dev.id }, { status: ['PENDING', 'APPROVED'], requesterId: ada.id }]) } })],
    urgent: [2, null, () => read('List', { first: 10, filter: { resourceId: place.resource, reviewableByMe: true }, orderBy: { field: 'DECIDE_BY', direction: 'ASC' } })],
    node: [3, () => [...truth.values()], ({ id }) => read('Node', { id })],
    request: [3, () => requests(), ({ id }) => read('Request', { id })],
    viewer: [1, null, () => read('Viewer', {})],
    users: [1, null, () => read('Users', {})],
    deliveries: [4, null, () => read('Deliveries', { filter: { integrationId: place.integration }, first: 20 })],
    requestDeliveries: [2, () => requests(), ({ id }) => read('RequestDeliveries', { id })],
    replay: [8, () => caches[0].live, ({ cursor: last }) => Promise.all(caches.map((cache) => replay(cache, {
      variables: { filter: { resourceId: place.resource }, after: 'j0' }, last,
      each: ({ cursor, request }) => compare(cache, request.requestId, `at the replayed event ${cursor}`),
    })))],
    deliver: [4, null, async () => {
      await place.deliver(caches[0].live);
      await read('Deliveries', { filter: { integrationId: place.integration }, first: 30 });
    }],
    ask: [5, null, () => change('Create', wish(), ['CREATED'])],
    update: [3, () => of(ada, requests('PENDING')), ({ id }) => change('Update', { requestId: id, duration: `PT${3 + random.below(400)}M` }, ['UPDATED'])],
    cancel: [3, () => of(ada, requests('PENDING', 'APPROVED')), ({ id }) => change('Cancel', { requestId: id }, ['CANCELED'])],
    extend: [3, () => of(ada, unextended()), ({ id }) => change('Extend', { requestId: id, duration: 'PT1M', reason: 'more' }, ['EXTENSION_REQUESTED'])],
    close: [2, () => of(ada, requests('ACTIVE')), ({ id }) => change('Close', { requestId: id }, ['CLOSED'])],
    revoke: [1, () => of(dev, requests('ACTIVE', 'APPROVED')), ({ id }) => change('Revoke', { requestId: id, reason: 'enough' }, ['REVOKED'])],
    approve: [5, () => of(dev, undecided()), (r) => change('Review', review(r, 'APPROVE'), decided(r, 'APPROVE'))],
    deny: [3, () => of(dev, undecided()), (r) => change('Review', review(r, 'DENY'), decided(r, 'DENY'))],
    devAsks: [5, null, () => elsewhere(dev, 'Create', wish(), ['CREATED'])],
    devCancels: [2, () => of(dev, requests('PENDING', 'APPROVED')), ({ id }) => elsewhere(dev, 'Cancel', { requestId: id }, ['CANCELED'])],
    devExtends: [3, () => of(dev, unextended()), ({ id }) => elsewhere(dev, 'Extend', { requestId: id, duration: 'PT1M', reason: 'more' }, ['EXTENSION_REQUESTED'])],
    boApproves: [5, () => of(ada, undecided()), (r) => elsewhere(bo, 'Review', review(r, 'APPROVE'), decided(r, 'APPROVE'))],
    boDenies: [2, () => of(ada, undecided()), (r) => elsewhere(bo, 'Review', review(r, 'DENY'), decided(r, 'DENY'))],
  };

  for (const cache of caches) follow(cache, { filter: { resourceId: place.resource }, after: place.cursor });
  await look();
  for (let step = 0; step < steps; step++) {
    const open = Object.entries(moves).map(([name, [weight, which, act]]) => ({ name, weight, act, among: which?.() }))
      .filter(({ among }) => !among || among.length);
    const { name, act, among } = random.weighted(open);
    const one = among && random.pick(among);
    trace.push(`${step} ${name} ${one?.id ?? ''}`);
    made.add(name);
    await act(one);
    await look();
    for (const cache of caches) for (const id of truth.keys()) compare(cache, id, 'in the end');
  }
  for (const cache of caches) {
    assert.ok(cache.known.size > 5, `${cache.name} came to know ${cache.known.size} objects only`);
    cache.unfollow();
    await cache.stop();
  }
  return Object.keys(moves).filter((name) => !made.has(name));
}
