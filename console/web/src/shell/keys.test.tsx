import { render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'

function Keys({ keys, f, on = true }: { keys: string; f: () => void; on?: boolean }) {
  useKeys(keys, f, on)
  return <input aria-label="field" />
}

vi.resetModules() // as in a page that has just been opened
const { loadKeys, useKeys } = await import('./keys.ts')

test('what is pressed before the library of keys is there counts once it is', async () => {
  const pressed = vi.fn()
  render(<Keys keys="J" f={pressed} />)
  await userEvent.keyboard('j')
  expect(pressed).not.toHaveBeenCalled()
  await loadKeys()
  expect(pressed).toHaveBeenCalledTimes(1)
  await userEvent.keyboard('j')
  expect(pressed).toHaveBeenCalledTimes(2)
})

test('a key is silent in fields, while it is off, and when what had it is gone', async () => {
  await loadKeys()
  const pressed = vi.fn()
  const { rerender, unmount, getByLabelText } = render(<Keys keys="G H" f={pressed} />)
  await userEvent.keyboard('gh')
  expect(pressed).toHaveBeenCalledTimes(1)
  await userEvent.type(getByLabelText('field'), 'gh')
  getByLabelText('field').blur()
  rerender(<Keys keys="G H" f={pressed} on={false} />)
  await userEvent.keyboard('gh')
  rerender(<Keys keys="G H" f={pressed} />)
  unmount()
  await userEvent.keyboard('gh')
  expect(pressed).toHaveBeenCalledTimes(1)
})
