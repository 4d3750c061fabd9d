import { cleanup, configure } from '@testing-library/react'
import { afterEach, vi } from 'vitest'
import { loadKeys } from '../shell/keys.ts'

afterEach(cleanup)
configure({ asyncUtilTimeout: 4000 }) // a busy machine is no fault of the page

// What Mantine asks of a browser and happy-dom does not have.
Object.defineProperty(window, 'matchMedia', {
  writable: true,
  value: (query: string) => ({ matches: false, media: query, onchange: null, addEventListener: () => {}, removeEventListener: () => {}, addListener: () => {}, removeListener: () => {}, dispatchEvent: () => false }),
})
window.HTMLElement.prototype.scrollIntoView = () => {}
vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} })

// A page reads them once it is seen.
await loadKeys()
