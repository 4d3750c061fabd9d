import { act, fireEvent, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { answering } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { IntegrateForm } from './IntegrateForm.tsx'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))

const url = 'https://hooks.slack.com/services/T0/B0/secretsecret'
const made = (errors: object[] = []) => ({
  result: { __typename: 'CreateIntegrationPayload', integration: errors.length ? null : { __typename: 'Integration', id: 'int_9', name: 'DevOps' }, userErrors: errors.map((e) => ({ __typename: 'UserError', ...e })) },
})

const fill = async (user: ReturnType<typeof userEvent.setup>, name = 'DevOps', to = url) => {
  await user.type(screen.getByLabelText('Integration Name'), name)
  await user.type(screen.getByLabelText('Webhook Url'), to)
  await user.click(screen.getByRole('button', { name: 'Continue' }))
}

// Without the pauses of a person's hands, for tests with another clock.
const fillAtOnce = () => {
  fireEvent.change(screen.getByLabelText('Integration Name'), { target: { value: 'DevOps' } })
  fireEvent.change(screen.getByLabelText('Webhook Url'), { target: { value: url } })
  fireEvent.click(screen.getByRole('button', { name: 'Continue' }))
}

beforeEach(() => sessionStorage.clear())
afterEach(() => void vi.useRealTimers())

describe('the form that adds a webhook', () => {
  it('sends the name, the URL and a key, and says what was made', async () => {
    const asked = answering({ CreateIntegration: () => made() })
    const done = vi.fn()
    show(<IntegrateForm kind="webhook" onDone={done} onClose={() => {}} />)
    await fill(userEvent.setup())
    await vi.waitFor(() => expect(done).toHaveBeenCalledWith('int_9'))
    expect(asked.map((a) => a.name)).toEqual(['CreateIntegration'])
    expect(asked[0]!.variables).toEqual({ input: { name: 'DevOps', kind: 'SLACK_WEBHOOK', webhookUrl: url, idempotencyKey: expect.any(String) } })
  })

  it('says at its field what is wrong, sends nothing, and puts the focus there', async () => {
    const asked = answering({})
    show(<IntegrateForm kind="webhook" onDone={() => {}} onClose={() => {}} />)
    await fill(userEvent.setup(), 'x'.repeat(81), 'https://hooks.slack.com/a b')
    expect(screen.getByText('A name has at most 80 characters; this one has 81.')).toBeTruthy()
    expect(screen.getByText('A URL has no spaces. Copy it again from Slack.')).toBeTruthy()
    expect(document.activeElement).toBe(screen.getByLabelText('Integration Name'))
    expect((screen.getByLabelText('Webhook Url') as HTMLInputElement).value).toBe('https://hooks.slack.com/a b')
    expect(asked).toEqual([])
  })

  it('puts what the server refuses to its field, and loses nothing typed', async () => {
    answering({ CreateIntegration: () => made([{ code: 'DUPLICATE', field: ['input', 'name'], message: 'There is already an integration named "DevOps".' }]) })
    show(<IntegrateForm kind="webhook" onDone={() => {}} onClose={() => {}} />)
    await fill(userEvent.setup())
    expect(await screen.findByText('There is already an integration named "DevOps".')).toBeTruthy()
    expect(document.activeElement).toBe(screen.getByLabelText('Integration Name'))
    expect((screen.getByLabelText('Webhook Url') as HTMLInputElement).value).toBe(url)
  })

  it('keeps the name as a draft, and never the URL', async () => {
    answering({})
    const user = userEvent.setup()
    const { unmount } = show(<IntegrateForm kind="webhook" onDone={() => {}} onClose={() => {}} />)
    await user.type(screen.getByLabelText('Integration Name'), 'DevOps')
    await user.type(screen.getByLabelText('Webhook Url'), url)
    unmount()
    expect(JSON.stringify({ ...sessionStorage }) + JSON.stringify({ ...localStorage })).not.toContain('secretsecret')
    show(<IntegrateForm kind="webhook" onDone={() => {}} onClose={() => {}} />)
    expect((screen.getByLabelText('Integration Name') as HTMLInputElement).value).toBe('DevOps')
    expect((screen.getByLabelText('Webhook Url') as HTMLInputElement).value).toBe('')
    expect(screen.getByText(/Paste it again/)).toBeTruthy()
  })

  it('looks up by the key what became of it where the answer is lost, and never sends it again', async () => {
    vi.useFakeTimers()
    let found = false
    const asked = answering({
      CreateIntegration: () => 'lost',
      ReadCreated: () => ({ created: found ? { __typename: 'Integration', id: 'int_9' } : null }),
    })
    const done = vi.fn()
    show(<IntegrateForm kind="webhook" onDone={done} onClose={() => {}} />)
    fillAtOnce()
    await act(() => vi.advanceTimersByTimeAsync(600))
    expect(screen.getByText(/finding out whether this was done/)).toBeTruthy()
    found = true
    await act(() => vi.advanceTimersByTimeAsync(2000))
    expect(done).toHaveBeenCalledWith('int_9')
    expect(asked.filter((a) => a.name === 'CreateIntegration')).toHaveLength(1)
    const key = (asked[0]!.variables['input'] as { idempotencyKey: string }).idempotencyKey
    expect(asked.filter((a) => a.name === 'ReadCreated').every((a) => a.variables['key'] === key)).toBe(true)
  })

  it('says that nothing was added once that is certain, with all that was typed', async () => {
    vi.useFakeTimers()
    answering({ CreateIntegration: () => 'lost', ReadCreated: () => ({ created: null }) })
    const done = vi.fn()
    show(<IntegrateForm kind="webhook" onDone={done} onClose={() => {}} />)
    fillAtOnce()
    await act(() => vi.advanceTimersByTimeAsync(30_000))
    expect(screen.getByText('This did not arrive, and nothing was added. Press Continue again.')).toBeTruthy()
    expect((screen.getByLabelText('Webhook Url') as HTMLInputElement).value).toBe(url)
    expect(done).not.toHaveBeenCalled()
  })
})

describe('the form that adds a channel', () => {
  it('wants a workspace and a channel’s ID', async () => {
    const asked = answering({ ReadWorkspaces: () => ({ slackWorkspaces: { __typename: 'SlackWorkspaceConnection', nodes: [{ __typename: 'SlackWorkspace', id: 'wsp_1', name: 'Acme', domain: 'acme.slack.com', slackId: 'T1', removed: false }] } }), CreateIntegration: () => made() })
    const done = vi.fn()
    const user = userEvent.setup()
    show(<IntegrateForm kind="channel" onDone={done} onClose={() => {}} />)
    await user.type(screen.getByLabelText('Integration Name'), 'On call')
    await user.type(screen.getByLabelText('Channel ID'), '#ops')
    await user.click(screen.getByRole('button', { name: 'Continue' }))
    expect(screen.getByText('Choose a workspace.')).toBeTruthy()
    expect(screen.getByText(/This is a name/)).toBeTruthy()
    await user.click(screen.getByRole('combobox', { name: 'Workspace' }))
    await user.click(await screen.findByText('Acme (acme.slack.com)'))
    await user.clear(screen.getByLabelText('Channel ID'))
    await user.type(screen.getByLabelText('Channel ID'), 'C0123ABCD')
    await user.click(screen.getByRole('button', { name: 'Continue' }))
    await vi.waitFor(() => expect(done).toHaveBeenCalledWith('int_9'))
    expect(asked.at(-1)!.variables).toEqual({ input: { name: 'On call', kind: 'SLACK_CHANNEL', slackChannel: { workspaceId: 'wsp_1', channelId: 'C0123ABCD' }, idempotencyKey: expect.any(String) } })
  })
})
