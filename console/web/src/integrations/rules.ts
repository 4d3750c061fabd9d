import { fieldErrors, type UserError } from '../api/trouble.ts'
import { count, listed, type Tone } from '../ui/words.ts'
import type { IntegrationStatus } from './search.ts'

// What forms check before anything is sent, and the sentences of these pages. The server
// judges all of it again.

const longestName = 80
const longestURL = 2000

/** What is wrong with a name; null where nothing is. Characters are counted as people count them. */
export function checkName(name: string): string | null {
  const length = [...name.trim()].length
  if (length === 0) return 'Give it a name, such as the channel’s.'
  if (length > longestName) return `A name has at most ${longestName} characters; this one has ${length}.`
  return null
}

/** What is wrong with a webhook's URL; which hosts are allowed the server alone knows. */
export function checkURL(url: string): string | null {
  if (url.trim() === '') return 'Paste the webhook’s URL from Slack.'
  if (url.trim() !== url) return 'The URL begins or ends with a space. Take it out.'
  if (/\s/.test(url)) return 'A URL has no spaces. Copy it again from Slack.'
  if (url.length > longestURL) return `A URL has at most ${longestURL} characters; this one has ${url.length}.`
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (!parsed || !/^https?:$/.test(parsed.protocol) || !/^https?:\/\//i.test(url)) return 'This is not a webhook’s URL. It looks like https://hooks.slack.com/services/T…/B…/….'
  return null
}

/** What is wrong with a channel's ID. */
export function checkChannel(id: string): string | null {
  const given = id.trim()
  if (given === '') return 'Choose a channel, or give its ID.'
  if (given.startsWith('#')) return 'This is a name. Give the ID, such as C0123ABCD: in Slack it stands at the end of the channel’s details.'
  if (!/^[A-Z][A-Z0-9]{1,30}$/.test(given)) return 'This is not a channel’s ID. It looks like C0123ABCD.'
  return null
}

export const sentence = (s: string): string => {
  const t = s.trim()
  return t === '' ? t : `${t[0]!.toUpperCase()}${t.slice(1)}${/[.!?…]$/.test(t) ? '' : '.'}`
}

const foreign = /^webhooks may not go to this host; allowed are: (.+)$/

/** The server's errors as the form says them, under its own fields; what is of no field is under ''. */
export function formErrors(errors: readonly UserError[], input: object = {}): Record<string, string> {
  const url = 'webhookUrl' in input ? String(input.webhookUrl) : ''
  return fieldErrors(
    errors,
    ([name, part]) => (name === 'slackChannel' ? (part === 'workspaceId' ? part : 'channelId') : ['name', 'webhookUrl', 'events', 'accountIds'].find((f) => f === name)),
    (e) => {
      const hosts = foreign.exec(e.message)?.[1]
      return hosts && URL.canParse(url) ? `This URL is of ${new URL(url).host}; paste one of ${listed(hosts.split(', '), 'or')}.` : sentence(e.message)
    },
  )
}

export const states: Record<IntegrationStatus, { word: string; tone: Tone }> = {
  ENABLED: { word: 'Works', tone: 'good' },
  DISABLED: { word: 'Disabled', tone: 'over' },
  BROKEN: { word: 'Broken', tone: 'bad' },
}

export const gatewayChannel = 'GateWay Notification Channel'
export const serverChannel = 'Private Server Notification Channel'

type Heard = { accounts: readonly { name: string }[]; gateways: boolean; privateServers: boolean }

/** What an integration hears about, in words; '' where it is nothing. */
export function hearsAbout(i: Heard, most = 4): string {
  const parts = i.accounts.map((a) => a.name)
  if (i.gateways) parts.push('resources behind gateways')
  if (i.privateServers) parts.push('private servers')
  return listed(parts, 'and', most)
}

type Attempt = { outcome: string; statusCode: number | null; error: string | null; tookMs: number }

/** An answer of Slack's in a line: "Slack: ok, HTTP 200, 212 ms". */
export function answer(a: Attempt): string {
  const took = `${a.tookMs.toLocaleString('en')} ms`
  const code = a.statusCode === null ? 'no answer' : `HTTP ${a.statusCode}`
  const said = a.outcome === 'DELIVERED' ? 'ok' : (a.error ?? 'failed')
  return `${said.startsWith('Slack') ? '' : 'Slack: '}${said}, ${code}, ${took}`
}

/** "3 unheard", where the API counts to 100. */
export const capped = (n: number): string => (n >= 100 ? '100+' : String(n))

/** What is lost with an integration: for the confirmations. */
export function ends(i: Heard, pending: number): string {
  const about = hearsAbout(i, 6)
  const waiting = pending > 0 ? ` ${count(pending, 'notification').replace('100 ', '100 or more ')} that ${pending === 1 ? 'waits' : 'wait'} for it ${pending === 1 ? 'is' : 'are'} not sent.` : ''
  return `${about === '' ? 'It hears of nothing now.' : `Nothing about ${about} reaches it any more.`}${waiting}`
}
