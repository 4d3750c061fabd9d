import { createContext, useContext } from 'react'
import { graphql } from './api/graphql.ts'

export const ReadViewer = graphql(`
  query ReadViewer {
    viewer { userId name role user { id email timeZone } }
  }
`)

/** Who is signed in. */
export type Viewer = { id: string; name: string; email: string; admin: boolean }

export const ViewerContext = createContext<Viewer | null>(null)

export function useViewer(): Viewer {
  const v = useContext(ViewerContext)
  if (!v) throw new Error('nobody is signed in')
  return v
}
