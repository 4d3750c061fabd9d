import { act, fireEvent, render, screen } from '@testing-library/react'
import { beforeEach, expect, test } from 'vitest'
import { setConnection } from '../api/connection.ts'
import { calls, sent, serve } from '../test/fake.ts'
import { bo, Scene, show } from '../test/scene.tsx'
import { Receipt } from './Receipt.tsx'

const text = '{\n  "receipt": 1,\n  "request": "req_1",\n  "checkpoint": "— procyon\\n"\n}\n'
const given = { data: { receipt: { fileName: 'procyon-receipt-req_1.json', text, checkpoint: { at: new Date().toISOString(), key: 'procyon+e6c0b57f' } } } }
const refused = (code: string, message: string) => ({ data: { receipt: null }, errors: [{ message, extensions: { code } }] })

let saved: { name: string; blob: Blob }[] = []
let made: Blob[] = []
beforeEach(() => {
  saved = []
  made = []
  URL.createObjectURL = (blob) => `blob:${made.push(blob as Blob) - 1}`
  URL.revokeObjectURL = () => {}
  HTMLAnchorElement.prototype.click = function () {
    saved.push({ name: this.download, blob: made[Number(this.href.replace(/^blob:/, ''))]! })
  }
  serve(() => given)
})

const button = () => screen.getByRole('button', { name: 'Download receipt' })
const press = async (name = 'Download receipt') => {
  await act(async () => fireEvent.click(screen.getByRole('button', { name })))
}

test('nothing is asked for before the press; then the file is the text, byte for byte, and it is said what it is', async () => {
  show(<Receipt id="req_1" />)
  expect(calls).toHaveLength(0)
  expect(screen.getByText('procyon receipt verify procyon-receipt-req_1.json --public-key KEY')).toBeTruthy()
  await press()
  expect(sent('ReadReceipt')[0]!.variables).toEqual({ id: 'req_1' })
  expect(saved).toHaveLength(1)
  expect(saved[0]!.name).toBe('procyon-receipt-req_1.json')
  expect(new Uint8Array(await saved[0]!.blob.arrayBuffer())).toEqual(new TextEncoder().encode(text))
  expect(screen.getByRole('status').textContent).toContain('Saved as procyon-receipt-req_1.json. It was signed')
  expect(screen.getByRole('status').textContent).toContain('procyon+e6c0b57f')
})

test('while it is made the button is busy, and a second press asks for nothing', async () => {
  let answer = (_: typeof given) => {}
  serve(() => new Promise((resolve) => (answer = resolve)))
  show(<Receipt id="req_1" />)
  await press()
  expect(button().getAttribute('aria-busy')).toBe('true')
  expect(screen.getByRole('status').textContent).toBe('The receipt is being made.')
  await press()
  expect(sent('ReadReceipt')).toHaveLength(1)
  await act(async () => answer(given))
  expect(button().getAttribute('aria-busy')).toBeNull()
  expect(saved).toHaveLength(1)
})

test('who left meanwhile gets no file', async () => {
  let answer = (_: typeof given) => {}
  serve(() => new Promise((resolve) => (answer = resolve)))
  const { unmount } = show(<Receipt id="req_1" />)
  await press()
  unmount()
  await act(async () => answer(given))
  expect(saved).toHaveLength(0)
})

test('what is not signed yet is no failure: it is said when it will be, and the next press gets it', async () => {
  serve(() => refused('NOT_SIGNED', 'It can be signed again at 12:01:00 UTC.'))
  show(<Receipt id="req_1" />)
  await press()
  expect(screen.getByRole('alert').textContent).toContain('There is no receipt yetIt can be signed again at 12:01:00 UTC.')
  expect(saved).toHaveLength(0)
  serve(() => given)
  await press()
  expect(screen.queryByRole('alert')).toBeNull()
  expect(saved).toHaveLength(1)
})

test('a refusal is said, and another try is offered where it can help', async () => {
  show(<Receipt id="req_1" />)
  for (const code of ['NO_SIGNING_KEY', 'RECEIPT_TOO_LONG', 'FORBIDDEN']) {
    serve(() => refused(code, `Why: ${code}.`))
    await press()
    expect(screen.getByRole('alert').textContent).toContain(`Why: ${code}.`)
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull()
  }
  serve(() => 'lost')
  await press()
  expect(screen.getByRole('alert').textContent).toContain('Procyon can’t be reached.')
  serve(() => given)
  await press('Try again')
  expect(saved).toHaveLength(1)
})

test('it is off while Procyon can’t be reached', async () => {
  setConnection({ live: false })
  render(
    <Scene as={bo}>
      <Receipt id="req_1" />
    </Scene>,
  )
  await press()
  expect(calls).toHaveLength(0)
  expect(button().getAttribute('aria-disabled')).toBe('true')
  expect(screen.getByText('This is possible once Procyon can be reached.')).toBeTruthy()
})
