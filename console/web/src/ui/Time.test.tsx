import { act, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { Scene, dev } from '../test/scene.tsx'
import { relative } from './now.ts'
import { Time } from './Time.tsx'

afterEach(() => void vi.useRealTimers())

test('a time that is shown after a long while without any is right, and stays', () => {
  vi.useFakeTimers()
  vi.setSystemTime(Date.now() + 3_600_000)
  let read = 0
  const real = Date.now
  // Every look at the clock is later than the one before.
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => real() + read++)
  const at = new Date(real() - 120_000).toISOString()
  render(<Scene as={dev}><Time at={at} /></Scene>)
  expect(screen.getByText('2 min ago')).toBeTruthy()
  act(() => void vi.advanceTimersByTime(60_000))
  expect(screen.getByText('3 min ago')).toBeTruthy()
  clock.mockRestore()
})

test('what has just happened is not to come', () => {
  expect(relative(5000, 0)).toBe('just now')
  expect(relative(20_000, 0)).toBe('in less than a minute')
  expect(relative(0, 5000)).toBe('just now')
})
