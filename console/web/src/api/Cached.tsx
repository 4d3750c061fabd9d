import type { ComponentType } from 'react'
import { Provider } from 'urql'
import { client } from './client.ts'

/** A component with the cache that it reads by. This is a chunk of its own, which the list of requests does without. */
export const cached = <P extends object>(Component: ComponentType<P>) =>
  function WithCache(props: P) {
    return (
      <Provider value={client}>
        <Component {...props} />
      </Provider>
    )
  }
