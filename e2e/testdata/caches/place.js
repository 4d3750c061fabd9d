// A resource to ask for, with an integration that hears of it.
import { ask } from './server.js';

export async function makePlace(admin, name, webhookUrl) {
  const make = async (query, input) => Object.values((await ask(admin, query, { input })))[0];
  const { account } = await make('mutation($input: CreateAccountInput!) { createAccount(input: $input) { account { id } userErrors { code message } } }',
    { name, provider: 'AWS', externalId: name });
  const { resource } = await make('mutation($input: CreateResourceInput!) { createResource(input: $input) { resource { id } userErrors { code message } } }',
    { name, kind: 'DATABASE', accountId: account.id });
  const { integration } = await make('mutation($input: CreateIntegrationInput!) { createIntegration(input: $input) { integration { id } userErrors { code message } } }',
    { name, kind: 'SLACK_WEBHOOK', webhookUrl });
  const { consumer } = await make('mutation($input: AcquireConsumerInput!) { acquireConsumer(input: $input) { consumer { epoch cursor } userErrors { code message } } }',
    { name, holder: name, ttl: 'PT5M' });
  const lease = { consumer: name, epoch: consumer.epoch };
  const owed = new Set();
  return {
    resource: resource.id,
    integration: integration.id,
    cursor: consumer.cursor,
    // deliver owes the integration some of the events that were not yet owed, and sends one.
    async deliver(events) {
      const next = events.filter(({ cursor }) => !owed.has(cursor)).slice(0, 4);
      if (!next.length) return;
      for (const { cursor } of next) owed.add(cursor);
      const { deliveries } = await make('mutation($input: PlanDeliveriesInput!) { planDeliveries(input: $input) { deliveries { id } userErrors { code message } } }',
        { ...lease, cursor: next.at(-1).cursor, deliveries: next.map(({ cursor }) => ({ eventCursor: cursor, integrationId: integration.id })) });
      await make('mutation($input: RecordDeliveryAttemptInput!) { recordDeliveryAttempt(input: $input) { delivery { id } userErrors { code message } } }',
        { ...lease, deliveryId: deliveries[0].id, outcome: 'DELIVERED', statusCode: 200, tookMs: 1000 });
    },
  };
}
