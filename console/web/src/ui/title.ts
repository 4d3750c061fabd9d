import { useEffect } from 'react'

/** Names the page in the tab, what differs first; what is shown beside a page gives its name back. */
export function useTitle(title: string): void {
  useEffect(() => {
    const was = document.title
    document.title = `${title} – Procyon`
    return () => {
      document.title = was
    }
  }, [title])
}
