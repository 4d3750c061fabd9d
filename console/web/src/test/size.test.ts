import { expect, test } from 'vitest'

const most = 400

test(`no file has more than ${most} lines: split it by what its parts are`, () => {
  const files = import.meta.glob<string>('../**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true })
  expect(Object.keys(files).length).toBeGreaterThan(100)
  const long = Object.entries(files).filter(([, text]) => text.trimEnd().split('\n').length > most)
  expect(long.map(([name]) => name)).toEqual([])
})
