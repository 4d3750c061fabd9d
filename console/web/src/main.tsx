import '@mantine/core/styles.css'
import './theme.css'
import { MantineProvider } from '@mantine/core'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Provider } from 'urql'
import { client } from './api/client.ts'
import { goLive } from './api/live.ts'
import { trouble } from './api/trouble.ts'
import { router } from './router.tsx'
import { cssVariables, theme } from './theme.ts'
import { Failure } from './ui/state.tsx'
import { ReadViewer, ViewerContext } from './viewer.ts'

// The styles that Mantine makes carry the nonce of this answer.
const nonce = document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? ''
// What locks scrolling behind a dialog makes a style of its own, and looks for the nonce here.
Object.assign(globalThis, { __webpack_nonce__: nonce })

const mount = createRoot(document.getElementById('root')!)

async function start(): Promise<void> {
  const { data, error } = await client.query(ReadViewer, {}, { requestPolicy: 'network-only' }).toPromise()
  const v = data?.viewer
  if (!error && !v?.userId) {
    location.replace(`/signin?next=${encodeURIComponent(location.pathname + location.search)}`)
    return
  }
  const wrong = trouble(error)
  mount.render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        {v?.userId ? (
          <Provider value={client}>
            <ViewerContext value={{ id: v.userId, name: v.name, email: v.user?.email ?? '', admin: v.role === 'ADMIN' }}>
              <RouterProvider router={router} />
            </ViewerContext>
          </Provider>
        ) : (
          wrong && <Failure what="The console could not start" trouble={wrong} again={() => void start()} />
        )}
      </MantineProvider>
    </StrictMode>,
  )
  if (v?.userId) goLive()
}

void start()
