import { MantineProvider } from '@mantine/core'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import { ViewerContext } from '../viewer.ts'
import KeyList from './KeyList.tsx'
import { lettersOn } from './keys.ts'

test('letters can be switched off, and stay so', async () => {
  localStorage.clear()
  render(
    <MantineProvider env="test">
      <ViewerContext value={{ id: 'usr_1', name: 'Dev', email: 'd@example.com', admin: false }}>
        <KeyList onClose={() => {}} />
      </ViewerContext>
    </MantineProvider>,
  )
  expect(screen.queryByText('Integrations')).toBeNull()
  const letters = screen.getByRole('switch', { name: /^Shortcuts of single letters/ })
  await userEvent.click(letters)
  expect(lettersOn()).toBe(false)
  await userEvent.click(letters)
  expect(lettersOn()).toBe(true)
})
