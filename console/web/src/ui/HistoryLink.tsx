import { useViewer } from '../viewer.ts'
import { Link } from './Link.tsx'

/** Leads administrators to all that ever happened to an object. */
export function HistoryLink({ of }: { of: string }) {
  const { admin } = useViewer()
  if (!admin) return null
  return (
    <Link to="/audit" search={{ object: of }} size="sm">
      History in Audit
    </Link>
  )
}
