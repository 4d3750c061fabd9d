import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { answering } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { ages, dayWords, scaleEnd, share, tookWords } from './numbers.ts'
import { Overview } from './OverviewPage.tsx'
import { chooseZone } from '../ui/zone.ts'
import { readPlace } from './search.ts'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', () => ({
  Link: ({ children, to, params, search, underline: _underline, ...props }: any) => (
    <a href={`${String(to).replace('$id', params?.id)}?${new URLSearchParams(search)}`} {...props}>
      {children}
    </a>
  ),
}))

const day = (date: string, approved: number, median: string | null) => ({ __typename: 'RequestDay', date, made: approved + 2, approved, denied: 1, timedOut: 0, medianToDecide: median, p90ToDecide: median })
const requests = (change = {}) => ({
  __typename: 'RequestNumbers', countedUpTo: null, made: 1234, approved: 12, denied: 2, timedOut: 0, medianToDecide: 'PT4M5S', p90ToDecide: 'PT1H32M27S',
  days: [day('2026-11-26', 0, null), day('2026-11-27', 12, 'PT4M5S')],
  busiestResources: [
    { __typename: 'BusyResource', resourceId: 'res_1', name: 'orders-db', requests: 9, resource: { __typename: 'Resource', id: 'res_1', account: { __typename: 'Account', name: 'Production' }, gateway: null } },
    { __typename: 'BusyResource', resourceId: 'res_2', name: 'old-db', requests: 2, resource: null },
  ],
  ...change,
})
const numbers = (change = {}) => ({
  overview: {
    __typename: 'Overview', at: '2026-11-27T12:00:00Z', requests: requests(),
    pending: [
      { __typename: 'PendingAge', from: '2026-11-27T11:45:00Z', before: null, count: 4 },
      { __typename: 'PendingAge', from: '2026-11-27T11:00:00Z', before: '2026-11-27T11:45:00Z', count: 2 },
      { __typename: 'PendingAge', from: '2026-11-27T08:00:00Z', before: '2026-11-27T11:00:00Z', count: 1 },
      { __typename: 'PendingAge', from: null, before: '2026-11-27T08:00:00Z', count: 1_000_000 },
    ],
    deliveries: {
      __typename: 'DeliveryNumbers', delivered: 998, dead: 2, waiting: 1,
      integrations: [{ __typename: 'IntegrationNumbers', delivered: 998, dead: 2, waiting: 0, integration: { __typename: 'Integration', id: 'int_1', name: 'On call', status: 'BROKEN' } }],
    },
    ...change,
  },
  problems: {
    __typename: 'ProblemList',
    problems: [{ __typename: 'Problem', key: 'REQUEST_UNHEARD/req_7@1', kind: 'REQUEST_UNHEARD', since: null, text: 'No channel hears of a request.', mend: 'Link an integration.', url: 'http://x/integrations' }],
  },
})

const rows = (name: string) => within(screen.getByRole('region', { name })).getAllByRole('row').slice(1).map((r) => [...r.querySelectorAll('th,td')].map((c) => c.textContent))

test('says all numbers, and leads to what they count', async () => {
  const asked = answering({ ReadOverview: () => numbers() })
  const chosen = vi.fn()
  show(<Overview days={7} onDays={chosen} />)
  const waiting = await screen.findByRole('region', { name: 'Waiting for a decision' })
  const links = within(waiting).getAllByRole('link')
  expect(links.map((l) => l.textContent)).toEqual(['4under 15 min', '215 min to 1 h', '11 h to 4 h', '1,000,000 or moreover 4 h'])
  expect(links[1]!.getAttribute('href')).toBe('/requests?since=2026-11-27T11%3A00%3A00Z&until=2026-11-27T11%3A45%3A00Z')
  expect(links[3]!.getAttribute('href')).toBe('/requests?until=2026-11-27T08%3A00%3A00Z')
  expect(rows('Decisions a day, as a table')).toEqual([['Fri, 27 Nov', '14', '12', '1', '0'], ['Thu, 26 Nov', '2', '0', '1', '0']])
  expect(screen.getByRole('link', { name: 'Denied: 2, in Audit' }).getAttribute('href')).toBe('/audit?kind=ACCESS_REQUEST&type=DENIED&from=2026-11-26&to=2026-11-27')
  expect(screen.getByRole('link', { name: 'Fri, 27 Nov' }).getAttribute('href')).toBe('/audit?kind=ACCESS_REQUEST&from=2026-11-27&to=2026-11-27')
  expect(rows('Time to decide, as a table')).toEqual([['Fri, 27 Nov', '13', '4 min 5 s', '4 min 5 s'], ['Thu, 26 Nov', '1', 'none', 'none']])
  expect(rows('Busiest resources, as a table')).toEqual([['orders-db Production', '9'], ['old-db deleted', '2']])
  expect(rows('Deliveries by integration')).toEqual([['On call Broken', '998', '0', '2']])
  expect(screen.getByText('99.8 %')).toBeTruthy()
  expect(screen.getByText('1 h 32 min')).toBeTruthy()
  expect(screen.getByRole('link', { name: /^On call, .*: 2$/ }).getAttribute('href')).toBe('/integrations/int_1?part=deliveries&status=DEAD')
  expect(screen.getByRole('link', { name: 'See the request' }).getAttribute('href')).toContain('/requests/req_7')
  expect(screen.queryByText('The past is being counted')).toBeNull()
  expect(asked[0]!.variables).toEqual({ days: 7, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone })
  const user = userEvent.setup()
  await user.click(screen.getByLabelText('Days', { selector: 'input' }))
  await user.click(await screen.findByRole('option', { name: 'Last 30 days', hidden: true }))
  expect(chosen).toHaveBeenCalledWith(30)
})

test('says how far the past is counted, and shows what is there where a part is not', async () => {
  answering({ ReadOverview: () => numbers({ requests: requests({ countedUpTo: '2026-11-03T00:00:00Z', busiestResources: [] }), deliveries: null }) })
  show(<Overview days={90} onDays={() => {}} />)
  expect(await screen.findByText('The past is being counted')).toBeTruthy()
  expect(screen.getByText('No request was made in these days.')).toBeTruthy()
  expect(screen.queryByRole('region', { name: 'Deliveries' })).toBeNull()
})

test('says when nothing can be read', async () => {
  answering({})
  show(<Overview days={7} onDays={() => {}} />)
  expect((await screen.findByRole('alert')).textContent).toContain('The numbers could not be read')
})

test('numbers as they are written', () => {
  expect([null, 'PT0S', 'PT45S', 'PT9M59S', 'PT10M31S', 'PT26H31M', 'P3DT12H40M'].map(tookWords)).toEqual(['none', 'under 1 s', '45 s', '9 min 59 s', '11 min', '1 d 3 h', '3 d 13 h'])
  expect([share(0, 0), share(5, 0), share(0, 5), share(999_999, 1), share(1, 999_999), share(998, 2)]).toEqual([null, '100 %', '0 %', '99.9 %', '0.1 %', '99.8 %'])
  expect([0, 4, 5, 10, 11, 24, 100, 101, 999].map(scaleEnd)).toEqual([4, 4, 6, 10, 20, 30, 100, 200, 1000])
  expect(dayWords('2026-11-29')).toBe('Sun, 29 Nov')
  expect(ages).toHaveLength(4)
})

test('an address holds the days', () => {
  expect([{ days: 30 }, { days: '90' }, { days: '7' }, { days: 31 }, {}].map(readPlace)).toEqual([{ days: 30 }, { days: 90 }, {}, {}, {}])
})

test('days are those of the zone that the viewer chose', async () => {
  chooseZone('Asia/Kathmandu')
  const asked = answering({ ReadOverview: () => numbers() })
  show(<Overview days={7} onDays={() => {}} />)
  await screen.findByText('Decisions a day')
  expect(asked[0]!.variables).toEqual({ days: 7, timeZone: 'Asia/Kathmandu' })
  chooseZone(null)
})
