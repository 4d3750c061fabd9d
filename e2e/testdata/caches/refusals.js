// A member's mutation beside and above a field that is refused: its result is shown.
import assert from 'node:assert/strict';
import { ask, post } from './server.js';
import { whole } from './documents.js';
import { makePlace } from './place.js';

export async function refusals({ people, clients, kinds, hook }) {
  const { ada, dev } = people;
  const place = await makePlace(ada, 'refusals', hook);
  const wish = { items: [{ resourceId: place.resource }], duration: 'PT1H', reason: 'mine', allowDuplicate: true };
  for (const client of clients(dev)) {
    const refused = ({ errors }, path) => {
      assert.equal(errors?.length, 1, `${client.name} has ${JSON.stringify(errors)}`);
      assert.deepEqual([errors[0].path, errors[0].extensions.code], [path, 'FORBIDDEN'], client.name);
    };
    const shows = async (id, status) => {
      kinds.set(id, 'AccessRequest');
      const { node } = await ask(dev, whole('Node'), { id });
      assert.deepEqual([node.status, client.shown('Node', { id })?.node?.status], [status, status], client.name);
    };

    const beside = await client.run('Beside', { input: wish, forbidden: { deliveryId: 'dlv_of_others' } });
    const made = beside.data.createAccessRequest.accessRequest;
    assert.equal(beside.data.redeliver, null, client.name);
    refused(beside, ['redeliver']);
    await shows(made.id, 'PENDING');

    const { data } = await post(ada, 'query($id: ID!) { accessRequest(id: $id) { timeline(first: 1) { nodes { cursor type } } } }', { id: made.id });
    await place.deliver(data.accessRequest.timeline.nodes);
    const below = await client.run('Below', { input: { requestId: made.id } });
    const canceled = below.data.cancelAccessRequest.accessRequest;
    assert.equal(canceled.status, 'CANCELED', client.name);
    assert.equal(canceled.deliveries.nodes[0].integration, null, client.name);
    refused(below, ['cancelAccessRequest', 'accessRequest', 'deliveries', 'nodes', 0, 'integration']);
    await shows(made.id, 'CANCELED');
    await client.stop();
  }
}
