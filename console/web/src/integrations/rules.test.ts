import { describe, expect, it } from 'vitest'
import { answer, checkChannel, checkName, checkURL, ends, formErrors, hearsAbout } from './rules.ts'

describe('what is checked before it is sent', () => {
  it('counts a name in characters, as people do', () => {
    expect(checkName('  ')).toMatch(/Give it a name/)
    expect(checkName('x'.repeat(80))).toBeNull()
    expect(checkName('🔑'.repeat(80))).toBeNull()
    expect(checkName('x'.repeat(81))).toBe('A name has at most 80 characters; this one has 81.')
  })

  it('says what is wrong with a URL', () => {
    expect(checkURL('')).toMatch(/Paste the webhook/)
    expect(checkURL(' https://hooks.slack.com/services/T/B/x')).toMatch(/begins or ends with a space/)
    expect(checkURL('https://hooks.slack.com/serv ices/T/B/x')).toMatch(/no spaces/)
    for (const bad of ['hooks.slack.com/services/T/B/x', 'javascript:alert(1)', 'https:hooks.slack.com', 'https://', 'C0123ABCD']) expect(checkURL(bad)).toMatch(/not a webhook’s URL/)
    expect(checkURL(`https://hooks.slack.com/${'x'.repeat(2000)}`)).toMatch(/at most 2000 characters/)
    expect(checkURL('https://hooks.slack.com/services/T/B/x')).toBeNull()
    expect(checkURL('https://example.com/x')).toBeNull() // the server knows which hosts are allowed
  })

  it('wants a channel’s ID, not its name', () => {
    expect(checkChannel('')).toMatch(/Choose a channel, or give its ID/)
    expect(checkChannel('#ops')).toMatch(/This is a name/)
    expect(checkChannel('ops')).toMatch(/not a channel’s ID/)
    expect(checkChannel(' C0123ABCD ')).toBeNull()
  })
})

describe('errors of the server', () => {
  it('stand at their fields', () => {
    expect(
      formErrors([
        { code: 'DUPLICATE', field: ['input', 'name'], message: 'There is already an integration named "On call".' },
        { code: 'NOT_FOUND', field: ['input', 'slackChannel', 'workspaceId'], message: 'There is no such workspace.' },
        { code: 'INVALID', field: ['input', 'slackChannel', 'channelId'], message: '"x" is not an ID of Slack\'s.' },
        { code: 'NOT_FOUND', field: ['input', 'accountIds', '3'], message: 'There is no such account.' },
        { code: 'CONFLICT', field: null, message: 'try again' },
      ]),
    ).toEqual({
      name: 'There is already an integration named "On call".',
      workspaceId: 'There is no such workspace.',
      channelId: '"x" is not an ID of Slack\'s.',
      accountIds: 'There is no such account.',
      '': 'Try again.',
    })
  })

  it('name the host that is not allowed, and those that are', () => {
    const error = [{ code: 'INVALID', field: ['input', 'webhookUrl'], message: 'webhooks may not go to this host; allowed are: hooks.slack.com, hooks.slack-gov.com' }]
    expect(formErrors(error, { webhookUrl: 'https://example.com/services/T/B/x' })).toEqual({ webhookUrl: 'This URL is of example.com; paste one of hooks.slack.com or hooks.slack-gov.com.' })
    expect(formErrors(error)).toEqual({ webhookUrl: 'Webhooks may not go to this host; allowed are: hooks.slack.com, hooks.slack-gov.com.' })
  })
})

describe('sentences', () => {
  it('say what an integration hears about, and what ends with it', () => {
    const i = { accounts: [{ name: 'Production' }], gateways: true, privateServers: false }
    expect(hearsAbout(i)).toBe('Production and resources behind gateways')
    expect(hearsAbout({ accounts: [], gateways: false, privateServers: false })).toBe('')
    expect(ends(i, 0)).toBe('Nothing about Production and resources behind gateways reaches it any more.')
    expect(ends(i, 1)).toMatch(/ 1 notification that waits for it is not sent\.$/)
    expect(ends(i, 100)).toMatch(/ 100 or more notifications that wait for it are not sent\.$/)
  })

  it('say what Slack answered, and how long it took', () => {
    expect(answer({ outcome: 'DELIVERED', statusCode: 200, error: null, tookMs: 1212 })).toBe('Slack: ok, HTTP 200, 1,212 ms')
    expect(answer({ outcome: 'BROKEN', statusCode: 404, error: 'Slack no longer knows this webhook (no_service)', tookMs: 3 })).toBe('Slack no longer knows this webhook (no_service), HTTP 404, 3 ms')
    expect(answer({ outcome: 'RETRY', statusCode: null, error: 'timeout', tookMs: 10_000 })).toBe('Slack: timeout, no answer, 10,000 ms')
  })
})
