import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { answering } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { ChannelField } from './ChannelField.tsx'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))

type Channel = { channelId: string; name: string; private?: boolean; member?: boolean; external?: boolean }

let made = 0

/** A workspace as the server has it; another ID each time, for the cache remembers. */
const workspace = (channels: Channel[], change: Record<string, unknown> = {}) => {
  const id = `wsp_c${++made}`
  return {
    id,
    answer: ({ search }: { search?: string }) => {
      const words = (search ?? '').replace('#', '')
      const nodes = channels.filter((c) => c.name.includes(words)).map((c) => ({ __typename: 'ListedSlackChannel', id: `sch_${id}_${c.channelId}`, private: false, member: true, external: false, ...c }))
      return {
        node: {
          __typename: 'SlackWorkspace',
          id,
          channelsAsOf: '2026-11-28T12:00:00Z',
          channelsWanted: false,
          channels: { __typename: 'ListedSlackChannelConnection', nodes, totalCount: nodes.length },
          ...change,
        },
      }
    },
  }
}

function Field({ id, error, onChange }: { id: string; error?: string; onChange: (v: string) => void }) {
  const [value, set] = useState('')
  return (
    <ChannelField
      workspaceId={id}
      value={value}
      error={error}
      onChange={(v) => {
        set(v)
        onChange(v)
      }}
    />
  )
}

describe('the field that chooses a channel', () => {
  it('finds channels by their names, and says which are private and which the app is not in', async () => {
    const w = workspace([{ channelId: 'C1', name: 'general' }, { channelId: 'C2', name: 'on-call', private: true }, { channelId: 'C3', name: 'on-call-all', member: false, external: true }])
    const asked = answering({ ReadChannels: w.answer })
    const chosen = vi.fn()
    const user = userEvent.setup()
    show(<Field id={w.id} onChange={chosen} />)
    await user.type(await screen.findByRole('combobox', { name: 'Channel' }), 'call')
    await vi.waitFor(() => expect(asked.some((a) => a.variables['search'] === 'call')).toBe(true))
    expect(await screen.findByText('not invited, shared with another company')).toBeTruthy()
    await vi.waitFor(() => expect(screen.queryByText('#general')).toBeNull())
    expect(screen.getAllByLabelText('Private')).toHaveLength(1)
    await user.click(screen.getByText('#on-call'))
    expect(chosen).toHaveBeenLastCalledWith('C2')
    expect((screen.getByRole('combobox', { name: 'Channel' }) as HTMLInputElement).value).toBe('#on-call')
  })

  it('takes an ID while no names are known, and where one wants to type it', async () => {
    const unknown = workspace([], { channelsAsOf: null })
    answering({ ReadChannels: unknown.answer })
    const chosen = vi.fn()
    const user = userEvent.setup()
    const { unmount } = show(<Field id={unknown.id} onChange={chosen} />)
    expect(await screen.findByText(/once the bot has told which channels it sees/)).toBeTruthy()
    await user.type(screen.getByLabelText('Channel ID'), 'C9')
    expect(chosen).toHaveBeenLastCalledWith('C9')
    unmount()

    const w = workspace([{ channelId: 'C1', name: 'general' }])
    answering({ ReadChannels: w.answer })
    show(<Field id={w.id} onChange={chosen} />)
    await user.click(await screen.findByRole('button', { name: 'Type its ID' }))
    await user.type(screen.getByLabelText('Channel ID'), 'C7')
    expect(chosen).toHaveBeenLastCalledWith('C7')
  })

  it('has the bot look again, and shows what it found', async () => {
    const channels: Channel[] = [{ channelId: 'C1', name: 'general' }]
    let wanted = false
    const w = workspace(channels)
    const asked = answering({
      ReadChannels: (v: never) => ({ node: { ...w.answer(v).node, channelsWanted: wanted } }),
      RefreshChannels: () => {
        wanted = true
        return { refreshSlackChannels: { __typename: 'RefreshSlackChannelsPayload', workspace: { __typename: 'SlackWorkspace', id: w.id, channelsWanted: true }, userErrors: [] } }
      },
    })
    const user = userEvent.setup()
    show(<Field id={w.id} onChange={() => {}} />)
    await user.click(await screen.findByRole('button', { name: 'Look again' }))
    expect(await screen.findByText(/Looking again…/)).toBeTruthy()
    expect(asked.find((a) => a.name === 'RefreshChannels')?.variables).toEqual({ input: { workspaceId: w.id } })
    wanted = false
    channels.push({ channelId: 'C5', name: 'brand-new' })
    expect(await screen.findByRole('button', { name: 'Look again' }, { timeout: 5000 })).toBeTruthy()
    await user.click(screen.getByRole('combobox', { name: 'Channel' }))
    expect(await screen.findByText('#brand-new')).toBeTruthy()
  })
})
