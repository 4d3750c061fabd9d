import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { answering, sent } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { SlackPage } from './SlackPage.tsx'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())

// The page's address: what the forms are opened by.
let search: Record<string, unknown> = {}
vi.mock('@tanstack/react-router', async (real) => {
  const { useState } = await import('react')
  let change = (_: object) => {}
  return {
    ...(await real<object>()),
    getRouteApi: () => ({
      useSearch: () => {
        const [is, set] = useState<object>(search)
        change = set
        return is
      },
      useNavigate: () => ({ search }: { search: object }) => change(search),
    }),
  }
})

const page = (nodes: object[]) => ({ __typename: 'Connection', nodes, pageInfo: { __typename: 'PageInfo', endCursor: null, hasNextPage: false } })
const at = new Date(Date.now() - 60_000).toISOString()
const acme = {
  __typename: 'SlackWorkspace', id: 'wsp_acme', slackId: 'T1', name: 'Acme', domain: 'acme.slack.com', organization: false, installedAt: at, waiting: false, removed: false,
  acceptedBy: 'Bo', acceptedAt: at, missingScopes: ['metadata.message:read'], offeredWebhook: null,
}
const evil = { ...acme, id: 'wsp_evil', slackId: 'TEVIL', name: 'Acme', domain: 'acme-inc.slack.com', waiting: true, acceptedBy: null, acceptedAt: null, missingScopes: [] }
const link = (id: string, user: object, more: object = {}) => ({
  __typename: 'SlackLink', id, slackUserId: 'UDEV', slackName: 'devvy', slackEmail: 'other@example.com', status: 'LINKED', waitsBecause: null, createdAt: at,
  user: { __typename: 'User', ...user }, workspace: acme, ...more,
})
const dev = { id: 'usr_dev', name: 'Dev', email: 'dev@example.com' }
const bo = { id: 'usr_bo', name: 'Bo', email: 'bo@example.com' }
const waits = { status: 'WAITING', waitsBecause: 'EMAIL_DIFFERS' }

const reads = (missing: string[] = []) => ({
  ReadSlack: () => ({
    slackApp: { __typename: 'SlackApp', manifest: '{ "display_information": {} }', missingSettings: missing },
    waitingWorkspaces: page([evil]),
    workspaces: page([acme]),
    waitingLinks: page([link('slk_dev', dev, waits), link('slk_own', bo, waits)]),
  }),
  ReadSlackLinks: () => ({ slackLinks: page([link('slk_old', dev)]) }),
})

beforeEach(() => void (search = {}))

describe('the page Slack', () => {
  it('tells workspaces apart by address and ID, and accepts the one that was seen', async () => {
    answering({ ...reads(), AcceptWorkspace: () => ({ result: { __typename: 'P', workspace: { __typename: 'SlackWorkspace', id: evil.id, waiting: false }, userErrors: [] } }) })
    const user = userEvent.setup()
    show(<SlackPage />)
    const waiting = await screen.findByRole('region', { name: 'Workspaces that wait' })
    expect(within(waiting).getByText('acme-inc.slack.com')).toBeTruthy()
    expect(within(waiting).getByText('TEVIL')).toBeTruthy()
    await user.click(within(waiting).getByRole('button', { name: 'Accept Acme…' }))
    const form = await screen.findByRole('dialog')
    await user.click(within(form).getByRole('button', { name: 'Accept' }))
    await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(sent('AcceptWorkspace')[0]!.variables).toEqual({ input: { workspaceId: evil.id, installedAt: at } })
  })

  it('says by number and name what a removal ends', async () => {
    search = { remove: acme.id }
    answering({
      ...reads(),
      ReadEnding: () => ({
        node: { __typename: 'SlackWorkspace', id: acme.id, linkCount: 3 },
        integrations: page([
          { __typename: 'Integration', id: 'int_1', name: 'On call', slackChannel: { __typename: 'SlackChannel', workspace: acme } },
          { __typename: 'Integration', id: 'int_2', name: 'Other', slackChannel: null },
        ]),
      }),
    })
    show(<SlackPage />)
    const form = await screen.findByRole('dialog')
    expect(await within(form).findByText(/3 links of people stop working, and this integration breaks:/)).toBeTruthy()
    expect(within(form).getByText('On call')).toBeTruthy()
    expect(within(form).queryByText('Other')).toBeNull()
    expect(sent('RemoveWorkspace')).toHaveLength(0)
  })

  it('names both sides of a link, and lets nobody agree to their own', async () => {
    answering({ ...reads(), AgreeLink: () => ({ result: { __typename: 'P', link: { __typename: 'SlackLink', id: 'slk_dev', status: 'LINKED' }, userErrors: [] } }) })
    const user = userEvent.setup()
    show(<SlackPage />)
    const waiting = await screen.findByRole('region', { name: 'Links that wait' })
    expect(within(waiting).queryByRole('button', { name: 'Agree to the link of Bo…' })).toBeNull()
    await user.click(within(waiting).getByRole('button', { name: 'Agree to the link of Dev…' }))
    const form = await screen.findByRole('dialog')
    expect(form.textContent).toContain('devvy UDEV other@example.com in Acme acme.slack.com T1 asks and decides as Dev dev@example.com')
    await user.click(within(form).getByRole('button', { name: 'Agree' }))
    await vi.waitFor(() => expect(sent('AgreeLink')[0]?.variables).toEqual({ input: { linkId: 'slk_dev', userId: 'usr_dev' } }))
  })

  it('names the settings and scopes that are missing', async () => {
    answering(reads(['PROCYON_SLACK_CLIENT_ID', 'PROCYON_SLACK_CLIENT_SECRET']))
    show(<SlackPage />)
    expect(await screen.findByText(/Set PROCYON_SLACK_CLIENT_ID and PROCYON_SLACK_CLIENT_SECRET/)).toBeTruthy()
    expect(screen.getByText('metadata.message:read')).toBeTruthy()
    expect(screen.getByLabelText('Manifest').textContent).toContain('display_information')
  })
})
