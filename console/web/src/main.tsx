import '@mantine/core/styles.css'
import './theme.css'
import { MantineProvider } from '@mantine/core'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ask } from './api/ask.ts'
import { trouble } from './api/trouble.ts'
import { router } from './router.tsx'
import { loadKeys } from './shell/keys.ts'
import { cssVariables, theme } from './theme.ts'
import { Failure } from './ui/state.tsx'
import { keepZone, recallZone } from './ui/zone.ts'
import { ReadViewer, ViewerContext } from './viewer.ts'

// The styles that Mantine makes carry the nonce of this answer.
const nonce = document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? ''
// What locks scrolling behind a dialog makes a style of its own, and looks for the nonce here.
Object.assign(globalThis, { __webpack_nonce__: nonce })

const mount = createRoot(document.getElementById('root')!)

recallZone()

// The page's chunk and what it begins with come while it is read who is signed in, so that
// the first rendering is the whole page.
const page = router.load()

async function start(): Promise<void> {
  const { data, error } = await ask(ReadViewer, {})
  const v = data?.viewer
  if (!error && !v?.userId) {
    location.replace(`/signin?next=${encodeURIComponent(location.pathname + location.search)}`)
    return
  }
  if (v?.userId && keepZone(v.user?.timeZone ?? null)) {
    location.reload() // what the page has asked for was of other days
    return
  }
  await page
  const wrong = trouble(error)
  mount.render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        {v?.userId ? (
          <ViewerContext value={{ id: v.userId, name: v.name, email: v.user?.email ?? '', admin: v.role === 'ADMIN' }}>
            <RouterProvider router={router} />
          </ViewerContext>
        ) : (
          wrong && <Failure what="The console could not start" trouble={wrong} again={() => void start()} />
        )}
      </MantineProvider>
    </StrictMode>,
  )
  if (v?.userId) afterPaint(() => void goOn())
}

/** What need not be there with the first rows. */
async function goOn(): Promise<void> {
  const [{ goLive }] = await Promise.all([import('./api/stream.ts'), loadKeys()])
  goLive()
}

/** Calls f once what was rendered is on the screen and nothing is to be done; in a tab that nobody sees, soon. */
function afterPaint(f: () => void): void {
  let done = false
  const once = () => {
    if (!done) f()
    done = true
  }
  const idle = 'requestIdleCallback' in window ? () => requestIdleCallback(once, { timeout: 500 }) : () => setTimeout(once, 100)
  requestAnimationFrame(() => setTimeout(idle))
  setTimeout(once, 1500)
}

void start()
