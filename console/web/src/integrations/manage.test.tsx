import { act, fireEvent, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { answering } from '../test/fake.ts'
import { anIntegration, show } from '../test/scene.tsx'
import { Accounts } from './Accounts.tsx'
import { Acts, type Act } from './Acts.tsx'
import { Broken } from './Broken.tsx'
import { Channels } from './Channels.tsx'
import { redeliverOff } from './DeliveryDrawer.tsx'
import { Events } from './Events.tsx'
import { TestMessage } from './TestMessage.tsx'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())

const again = () => {}
const result = (integration: object | null, errors: object[] = []) => ({ result: { __typename: 'Payload', integration, userErrors: errors.map((e) => ({ __typename: 'UserError', ...e })) } })
const account = (id: string, name: string) => ({ __typename: 'Account', id, name, provider: 'AWS', externalId: id })
const found = () => ({ accounts: { __typename: 'AccountConnection', nodes: [account('acc_p', 'Production'), { ...account('acc_s', 'Staging') }], pageInfo: { __typename: 'PageInfo', endCursor: null, hasNextPage: false } } })

beforeEach(() => sessionStorage.clear())
afterEach(() => void vi.useRealTimers())

describe('Channel-Account linking', () => {
  it('adds and removes, says so first, and leaves what somebody else has changed', async () => {
    const i = anIntegration()
    const asked = answering({ FindAccountsToLink: found, SetAccounts: () => result(i) })
    const closed = vi.fn()
    const user = userEvent.setup()
    const page = (is: typeof i) => <Accounts integration={is as never} open onOpen={() => {}} onClose={closed} again={again} />
    let change = (_: typeof i) => {}
    function Holder() {
      const [is, set] = useState(i)
      change = set
      return page(is)
    }
    show(<Holder />)
    const form = await screen.findByRole('form', { name: 'Channel-Account linking' })
    await user.click(await within(form).findByRole('checkbox', { name: 'Production' }))
    await user.click(within(form).getByRole('checkbox', { name: 'Staging' }))
    expect(within(form).getByText('Adds Production.')).toBeTruthy()
    expect(within(form).getByText(/Removes Staging: requests for its resources are not told to “DevOps” any more/)).toBeTruthy()
    act(() => change({ ...i, accounts: [...i.accounts, account('acc_x', 'Sandbox') as never] }))
    await user.click(within(form).getByRole('button', { name: 'Update' }))
    await vi.waitFor(() => expect(closed).toHaveBeenCalled())
    expect(asked.find((a) => a.name === 'SetAccounts')!.variables).toEqual({ input: { integrationId: i.id, accountIds: ['acc_x', 'acc_p'] } })
  })

  it('is off while nothing is changed', async () => {
    const asked = answering({ FindAccountsToLink: found })
    const user = userEvent.setup()
    show(<Accounts integration={anIntegration() as never} open onOpen={() => {}} onClose={() => {}} again={again} />)
    await user.click(await screen.findByRole('button', { name: 'Update' }))
    expect(screen.getByText('Nothing is changed yet.')).toBeTruthy()
    expect(asked.some((a) => a.name === 'SetAccounts')).toBe(false)
  })
})

describe('the notification channels', () => {
  it('selects one and leaves the other as it is now', async () => {
    const i = anIntegration()
    const asked = answering({ ReadIntegration: () => ({ node: { ...i, privateServers: true } }), SetChannels: () => result({ ...i, gateways: true, privateServers: true }) })
    show(<Channels integration={i as never} again={again} />)
    await userEvent.setup().click(screen.getByRole('button', { name: 'Select: GateWay Notification Channel' }))
    await vi.waitFor(() => expect(asked.find((a) => a.name === 'SetChannels')?.variables).toEqual({ input: { integrationId: i.id, gateways: true, privateServers: true } }))
  })

  it('asks before it removes one, and names who still hears', async () => {
    const i = anIntegration({ gateways: true })
    const asked = answering({
      ReadOthers: () => ({ integrations: { __typename: 'IntegrationConnection', nodes: [{ __typename: 'Integration', id: 'int_other', name: 'On call', gateways: true, privateServers: false }], pageInfo: { __typename: 'PageInfo', hasNextPage: false } } }),
      ReadIntegration: () => ({ node: i }),
      SetChannels: () => result({ ...i, gateways: false }),
    })
    const user = userEvent.setup()
    show(<Channels integration={i as never} again={again} />)
    await user.click(screen.getByRole('button', { name: 'Remove: GateWay Notification Channel' }))
    const dialog = await screen.findByRole('dialog')
    expect(await within(dialog).findByText(/On call still hears of them/)).toBeTruthy()
    expect(asked.some((a) => a.name === 'SetChannels')).toBe(false)
    await user.click(within(dialog).getByRole('button', { name: 'Remove' }))
    await vi.waitFor(() => expect(asked.some((a) => a.name === 'SetChannels')).toBe(true))
  })
})

describe('events', () => {
  it('wants at least one, and sends all that are chosen', async () => {
    const i = anIntegration()
    const asked = answering({ UpdateIntegration: () => result(i) })
    const user = userEvent.setup()
    show(<Events integration={i as never} again={again} />)
    await user.click(screen.getByRole('checkbox', { name: 'Requested' }))
    await user.click(screen.getByRole('checkbox', { name: 'Approved' }))
    await user.click(screen.getByRole('button', { name: 'Update' }))
    expect(screen.getByText(/Choose at least one event/)).toBeTruthy()
    await user.click(screen.getByRole('checkbox', { name: 'Denied' }))
    await user.click(screen.getByRole('button', { name: 'Update' }))
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    expect(asked[0]!.variables).toEqual({ input: { integrationId: i.id, events: ['DENIED'] } })
  })
})

function Panel({ of, open, onDeleted = () => {} }: { of: ReturnType<typeof anIntegration>; open: Act; onDeleted?: () => void }) {
  const [act, setAct] = useState<Act | null>(open)
  return <Acts integration={of as never} again={again} open={act} setOpen={setAct} onDeleted={onDeleted} />
}

describe('what can be done with an integration', () => {
  it('deletes it once its name is typed, and says what ends', async () => {
    const i = anIntegration({ pendingCount: 2, gateways: true })
    const asked = answering({ DeleteIntegration: () => ({ result: { __typename: 'Payload', deletedIntegrationId: i.id, userErrors: [] } }) })
    const deleted = vi.fn()
    const user = userEvent.setup()
    show(<Panel of={i} open="delete" onDeleted={deleted} />)
    const dialog = await screen.findByRole('dialog')
    expect(within(dialog).getByText(/Nothing about Staging and resources behind gateways reaches it any more\. 2 notifications that wait for it are not sent/)).toBeTruthy()
    await user.click(within(dialog).getByRole('button', { name: 'Delete DevOps' }))
    expect(within(dialog).getByText('This is not its name.')).toBeTruthy()
    expect(asked).toEqual([])
    await user.type(within(dialog).getByRole('textbox'), 'DevOps')
    await user.click(within(dialog).getByRole('button', { name: 'Delete DevOps' }))
    await vi.waitFor(() => expect(deleted).toHaveBeenCalledOnce())
  })

  it('rotates the URL: errors at the field, and what was typed stays', async () => {
    const i = anIntegration()
    const asked = answering({ UpdateIntegration: () => result(null, [{ code: 'INVALID', field: ['input', 'webhookUrl'], message: 'webhooks may not go to this host; allowed are: hooks.slack.com' }]) })
    const user = userEvent.setup()
    show(<Panel of={i} open="rotate" />)
    const field = await screen.findByLabelText<HTMLInputElement>('Webhook Url')
    await user.type(field, 'https://example.com/services/T/B/x')
    await user.click(screen.getByRole('button', { name: 'Rotate URL' }))
    expect(await screen.findByText('This URL is of example.com; paste one of hooks.slack.com.')).toBeTruthy()
    expect(field.value).toBe('https://example.com/services/T/B/x')
    expect(document.activeElement).toBe(field)
    expect(asked).toHaveLength(1)
    expect(JSON.stringify({ ...sessionStorage })).not.toContain('example.com/services')
  })

  it('reads the integration where the answer is lost, and says what holds now', async () => {
    vi.useFakeTimers()
    const i = anIntegration()
    const asked = answering({ UpdateIntegration: () => 'lost', ReadIntegration: () => ({ node: i }) })
    show(<Panel of={i} open="disable" />)
    await act(() => vi.advanceTimersByTimeAsync(200))
    fireEvent.click(screen.getByRole('button', { name: 'Disable' }))
    await act(() => vi.advanceTimersByTimeAsync(700))
    expect(screen.getByText(/finding out whether this was done/)).toBeTruthy()
    await act(() => vi.advanceTimersByTimeAsync(30_000))
    expect(screen.getByText('This did not arrive, and it still works. Try again.')).toBeTruthy()
    expect(asked.filter((a) => a.name === 'UpdateIntegration')).toHaveLength(1)
  })
})

describe('the test message', () => {
  it('says what Slack answered, and how long it took', async () => {
    vi.useFakeTimers()
    const i = anIntegration()
    const d = { __typename: 'Delivery', id: 'dlv_1', kind: 'TEST', eventType: null, requestId: null, integrationId: i.id, integrationName: i.name, status: 'PENDING', attempts: [], attemptCount: 0, nextAttemptAt: null, createdAt: new Date().toISOString(), owedAt: new Date().toISOString(), deliveredAt: null, route: null }
    answering({
      ReadTests: () => ({ deliveries: { __typename: 'DeliveryConnection', nodes: [] } }),
      TestIntegration: () => ({ result: { __typename: 'Payload', delivery: d, userErrors: [] } }),
      ReadDelivery: () => ({ node: { ...d, status: 'DELIVERED', attemptCount: 1, attempts: [{ __typename: 'DeliveryAttempt', at: d.owedAt, outcome: 'DELIVERED', statusCode: 200, error: null, tookMs: 212 }] } }),
    })
    show(<TestMessage integration={i as never} again={again} />)
    fireEvent.click(screen.getByRole('button', { name: 'Send test message' }))
    await act(() => vi.advanceTimersByTimeAsync(100))
    expect(screen.getByText('On its way…')).toBeTruthy()
    await act(() => vi.advanceTimersByTimeAsync(1000))
    expect(screen.getByText('Slack: ok, HTTP 200, 212 ms')).toBeTruthy()
  })

  it('is off for one that is broken, with the reason beside it', async () => {
    const asked = answering({})
    show(<TestMessage integration={anIntegration({ status: 'BROKEN' }) as never} again={again} />)
    await userEvent.setup().click(screen.getByRole('button', { name: 'Send test message' }))
    expect(screen.getByText('It is broken: mend it first.')).toBeTruthy()
    expect(asked).toEqual([])
  })
})

it('says why a delivery can’t be sent again', () => {
  expect(redeliverOff('DEAD', 'ENABLED', true)).toBeNull()
  expect(redeliverOff('PENDING', 'ENABLED', true)).toMatch(/owed still/)
  expect(redeliverOff('PENDING', 'BROKEN', true)).toMatch(/until the integration is mended/)
  expect(redeliverOff('DEAD', 'BROKEN', true)).toMatch(/broken/)
  expect(redeliverOff('DEAD', 'DISABLED', true)).toMatch(/disabled/)
  expect(redeliverOff('DEAD', 'ENABLED', false)).toMatch(/can’t be reached/)
})

describe('an integration that is broken', () => {
  it('says why and what mends it, and a channel that was mended in Slack is enabled there', async () => {
    const i = anIntegration({ status: 'BROKEN', kind: 'SLACK_CHANNEL', brokenReason: 'the channel is archived', mend: 'Unarchive the channel in Slack and press Enable, or choose another channel.', pendingCount: 2 })
    const asked = answering({ UpdateIntegration: () => result({ ...i, status: 'ENABLED' }) })
    const enabled = vi.fn()
    const changes = vi.fn()
    const user = userEvent.setup()
    show(<Broken i={i as never} again={again} onMend={changes} onEnabled={enabled} />)
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('The channel is archived.Unarchive the channel in Slack and press Enable, or choose another channel.2 messages wait: once it works, they are sent.')
    await user.click(within(alert).getByRole('button', { name: 'Change channel…' }))
    expect(changes).toHaveBeenCalled()
    await user.click(within(alert).getByRole('button', { name: 'Enable' }))
    await vi.waitFor(() => expect(enabled).toHaveBeenCalled())
    expect(asked.find((a) => a.name === 'UpdateIntegration')!.variables).toEqual({ input: { integrationId: i.id, enabled: true } })
  })
  it('offers another URL where it is a webhook, which nobody mends in Slack', async () => {
    show(<Broken i={anIntegration({ status: 'BROKEN', brokenReason: 'no_service', mend: 'Make a new webhook.' }) as never} again={again} onMend={() => {}} onEnabled={() => {}} />)
    expect(await screen.findByRole('button', { name: 'Rotate URL…' })).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Enable' })).toBeNull()
  })
})
