import { Alert, Stack, Text } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { ask } from '../api/ask.ts'
import { graphql, type ResultOf } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { noAnswer, type Trouble } from '../api/trouble.ts'
import { ownedWords, type Owned } from '../catalog/owned.ts'
import { Failure, Loading } from '../ui/state.tsx'
import { decisionsWords, endsWords, type Decisions, type Ends } from './rules.ts'

const ReadDisablingEnds = graphql(`
  query ReadDisablingEnds($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on User {
        disablingEnds {
          refusedBecause
          accessCount
          accesses { id items { resourceName role } }
          requestCount
          requests { id items { resourceName role } }
          sessionCount
          tokenCount
          slackLinkCount
          owned { count aloneCount named { name alone } }
          decisions { count undecidedCount undecided { id requester { name } items { resourceName role } } }
        }
      }
    }
  }
`)

const ReadDemotionEnds = graphql(`
  query ReadDemotionEnds($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on User {
        demotionEnds {
          refusedBecause
          decisions { count undecidedCount undecided { id requester { name } items { resourceName role } } }
        }
      }
    }
  }
`)

/** What an act would end, as the server says it before. */
export type Foretold = { refusedBecause: string | null; decisions: Decisions; ends: (Ends & { owned: Owned }) | null }

type Kind = 'disable' | 'demote'

const ofDisabling = (d: ResultOf<typeof ReadDisablingEnds>): Foretold | null => {
  const e = d.node?.__typename === 'User' ? d.node.disablingEnds : null
  return e && { refusedBecause: e.refusedBecause, decisions: e.decisions, ends: e }
}

const ofDemotion = (d: ResultOf<typeof ReadDemotionEnds>): Foretold | null => {
  const e = d.node?.__typename === 'User' ? d.node.demotionEnds : null
  return e && { refusedBecause: e.refusedBecause, decisions: e.decisions, ends: null }
}

/** Reads what an act would end, and again when something happened; null until it is known, or while it can't be. */
export function useForetold(kind: Kind, id: string): { foretold: Foretold | null; wrong: Trouble | null; again: () => void } {
  const [foretold, setForetold] = useState<Foretold | null>(null)
  const [wrong, setWrong] = useState<Trouble | null>(null)
  const [round, setRound] = useState(0)
  const soon = useDebouncedCallback(() => setRound((n) => n + 1), 500)
  useLive(() => soon())
  useEffect(() => {
    let mine = true
    void (async () => {
      const { data, error } = kind === 'disable' ? await ask(ReadDisablingEnds, { id }).then((a) => ({ ...a, data: a.data && ofDisabling(a.data) })) : await ask(ReadDemotionEnds, { id }).then((a) => ({ ...a, data: a.data && ofDemotion(a.data) }))
      if (!mine) return
      setForetold(data ?? null)
      setWrong(data ? null : noAnswer(error))
    })()
    return () => {
      mine = false
    }
  }, [kind, id, round])
  return { foretold, wrong, again: () => setRound((n) => n + 1) }
}

/** Says what an act would end, and why it would be refused. */
export function WhatEnds({ name, of: { foretold, wrong, again } }: { name: string; of: ReturnType<typeof useForetold> }) {
  if (wrong) return <Failure what="What this ends could not be read" trouble={wrong} again={again} />
  if (!foretold) return <Loading rows={2} />
  const decisions = decisionsWords(name, foretold.decisions)
  return (
    <Stack gap="sm" aria-live="polite">
      {foretold.refusedBecause && (
        <Alert color="bad" variant="light" role="alert">
          {foretold.refusedBecause}
        </Alert>
      )}
      {foretold.ends && (
        <Text>
          <bdi>{endsWords(foretold.ends)}</bdi>
        </Text>
      )}
      {foretold.ends && foretold.ends.owned.count > 0 && (
        <Text c={foretold.ends.owned.aloneCount > 0 ? 'wait' : undefined}>
          <bdi>{ownedWords(`${name} answers for`, foretold.ends.owned)}</bdi>
        </Text>
      )}
      {decisions && (
        <Text c={foretold.decisions.undecidedCount > 0 ? 'wait' : undefined}>
          <bdi>{decisions}</bdi>
        </Text>
      )}
    </Stack>
  )
}
