import '@mantine/spotlight/styles.css'
import './Palette.css'
import { Text, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { createSpotlight, Spotlight, useSpotlight } from '@mantine/spotlight'
import { IconBolt, IconBrandSlack, IconInbox, IconKeyboard, IconPlugConnected, IconServer, IconUser, IconUsersGroup } from '@tabler/icons-react'
import { useRouter } from '@tanstack/react-router'
import { useEffect, useId, useRef, useState, type ReactNode } from 'react'
import { useQuery } from 'urql'
import { graphql } from '../api/graphql.ts'
import { trouble } from '../api/trouble.ts'
import { what } from '../requests/terms.ts'
import { count, statuses } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import { usePageActs } from './acts.ts'
import { folded, pasted, placeOf } from './find.ts'
import classes from './Palette.module.css'
import { administrators, everybody, foot } from './pages.ts'

const Find = graphql(`
  query Find($words: String!, $admin: Boolean!) {
    requests: accessRequests(filter: { search: $words }, first: 5) {
      nodes { id status requester { name } items { resourceName role } }
    }
    resources(search: $words, first: 5) { nodes { id name account { name } gateway { name } } }
    integrations(search: $words, first: 5) @include(if: $admin) { nodes { id name } }
    users(search: $words, first: 5) @include(if: $admin) { nodes { id name email } }
    groups(search: $words, first: 5) @include(if: $admin) { nodes { id name } }
  }
`)

const FindOne = graphql(`
  query FindOne($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Resource { name }
      ... on Account { name }
      ... on Integration { name }
      ... on User { name }
      ... on Group { name }
      ... on ServiceAccount { name }
    }
  }
`)

type Entry = { id: string; label: string; description?: string | undefined; keys?: string | undefined; icon: ReactNode; run: () => void }

const [store, palette] = createSpotlight()

// As an arrow would choose it.
function chooseFirst(): void {
  const list = document.getElementById(store.getState().listId)
  list?.querySelector('[data-selected]')?.removeAttribute('data-selected')
  list?.querySelector('[data-action]')?.setAttribute('data-selected', 'true')
  store.updateState((s) => ({ ...s, selected: 0 }))
}

// The store moves the choice without a word to who listens, a moment after a key or a letter.
const told = () => queueMicrotask(() => store.setState({ ...store.getState() }))

/** Everything by its name: this page's acts, pages, objects, and whatever an ID or an address names. */
export default function Palette({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const viewer = useViewer()
  const router = useRouter()
  const offered = usePageActs()
  const [query, setQuery] = useState('')
  const [debounced] = useDebouncedValue(query.trim().slice(0, 200), 150)
  const named = pasted(query, location.origin)
  const [{ data, error, fetching }] = useQuery({ query: Find, variables: { words: debounced, admin: viewer.admin }, pause: debounced.length < 2 || named !== null, requestPolicy: 'network-only' })
  const [{ data: one, fetching: fetchingOne }] = useQuery({ query: FindOne, variables: { id: named?.id ?? '' }, pause: named?.id === undefined })
  const opened = useRef<Element | null>(null)
  const chosen = useRef<(() => void) | null>(null)

  useEffect(() => {
    opened.current = document.activeElement
    palette.open()
    return palette.close
  }, [])

  const go = (path: string) => () => router.history.push(path)
  const icon = { size: 20, 'aria-hidden': true } as const
  const passes = (label: string) => folded(query).split(/\s+/).every((w) => folded(label).includes(w))
  const entries: [string, Entry[]][] = []
  if (named) {
    const n = one?.node
    const name = n && 'name' in n ? n.name : undefined
    const path = named.path ?? (n ? placeOf(n.id, viewer.admin) : null)
    if (path) entries.push(['Pasted', [{ id: 'pasted', label: name ?? named.id ?? path, description: name ? named.id : undefined, icon: <IconBolt {...icon} />, run: go(path) }]])
  } else {
    const acts: Entry[] = offered.map((a) => ({ id: `act ${a.label}`, label: a.label, keys: a.keys, icon: <IconBolt {...icon} />, run: a.run }))
    acts.push({ id: 'keys', label: 'Keyboard shortcuts', keys: '?', icon: <IconKeyboard {...icon} />, run: onKeys })
    const pages: Entry[] = [...everybody, ...(viewer.admin ? administrators : []), ...foot].map(({ to, label, icon: Icon }) => ({ id: `page ${to}`, label, icon: <Icon {...icon} />, run: go(to) }))
    if (!viewer.admin) pages.push({ id: 'page slack', label: 'Slack', icon: <IconBrandSlack {...icon} />, run: () => location.assign('/links') })
    entries.push(['This page', acts.filter((a) => passes(a.label))], ['Pages', pages.filter((p) => passes(p.label))])
    if (debounced.length >= 2 && data) {
      entries.push(
        ['Requests', (data.requests?.nodes ?? []).map((r) => ({ id: r.id, label: `${r.requester.name}: ${what(r.items)}`, description: statuses[r.status].word, icon: <IconInbox {...icon} />, run: go(`/requests/${r.id}`) }))],
        ['Resources', (data.resources?.nodes ?? []).map((r) => ({ id: r.id, label: r.name, description: r.account?.name ?? r.gateway?.name, icon: <IconServer {...icon} />, run: go(placeOf(r.id, viewer.admin) ?? '/') }))],
        ['Integrations', (data.integrations?.nodes ?? []).map((i) => ({ id: i.id, label: i.name, icon: <IconPlugConnected {...icon} />, run: go(placeOf(i.id, viewer.admin) ?? '/') }))],
        ['People', (data.users?.nodes ?? []).map((p) => ({ id: p.id, label: p.name, description: p.email, icon: <IconUser {...icon} />, run: go(placeOf(p.id, viewer.admin) ?? '/') }))],
        ['Groups', (data.groups?.nodes ?? []).map((g) => ({ id: g.id, label: g.name, icon: <IconUsersGroup {...icon} />, run: go(placeOf(g.id, viewer.admin) ?? '/') }))],
      )
    }
  }
  const found = entries.filter(([, of]) => of.length > 0)
  // Whoever types and presses Enter gets the first that was found.
  const first = found[0]?.[1][0]?.id
  useEffect(() => {
    if (query.trim() !== '' && first !== undefined) chooseFirst()
    told()
  }, [query, first])
  const wrong = trouble(error)
  const looking = fetching || fetchingOne || query.trim().slice(0, 200) !== debounced
  // The focus stays in the field, so it says which entry Enter would take, and how many there are.
  const list = useId()
  const { selected } = useSpotlight(store)
  const order = found.flatMap(([, of]) => of)
  const optionOf = (e: Entry) => `${list}-${order.indexOf(e)}`
  const at = selected >= 0 ? order[selected] : undefined
  const said = order.length > 0 ? count(order.length, 'result') : looking ? 'Looking…' : named ? 'There is nothing with this ID, or you may not see it.' : 'Nothing of this name.'
  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      scrollable
      maxHeight={440}
      returnFocus={false}
      attributes={{ content: { 'aria-label': 'Search' } }}
      overlayProps={{ blur: 0 }}
      transitionProps={{ duration: 120, transition: 'fade' }}
      onSpotlightClose={() => {
        // What was chosen begins once the palette is gone, so that its form can take the focus.
        const run = chosen.current
        chosen.current = null
        if (opened.current instanceof HTMLElement && opened.current.isConnected) opened.current.focus({ preventScroll: true })
        onClose()
        if (run) setTimeout(run)
      }}
    >
      <Spotlight.Search
        placeholder="Search, or paste an ID"
        aria-label="Search, or paste an ID"
        maxLength={2000}
        onKeyDown={told}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={order.length > 0}
        aria-controls={list}
        aria-activedescendant={at && optionOf(at)}
      />
      <VisuallyHidden role="status">{query.trim() === '' ? '' : said}</VisuallyHidden>
      <Spotlight.ActionsList>
        <div role="listbox" id={list} aria-label="Results">
          {found.map(([group, of]) => (
            <Spotlight.ActionsGroup key={group} label={group} role="group" aria-label={group}>
              {of.map((e) => (
                <Spotlight.Action
                  key={e.id}
                  renderRoot={(props) => <button {...props} id={optionOf(e)} />}
                  role="option"
                  aria-selected={e === at}
                  label={e.label}
                  description={e.description}
                  leftSection={e.icon}
                  rightSection={e.keys ? <kbd className={classes['kbd']}>{e.keys}</kbd> : undefined}
                  onClick={() => {
                    chosen.current = e.run
                  }}
                />
              ))}
            </Spotlight.ActionsGroup>
          ))}
        </div>
        {order.length === 0 && <Spotlight.Empty aria-hidden>{said}</Spotlight.Empty>}
      </Spotlight.ActionsList>
      {wrong && (
        <Text role="status" size="sm" c="bad" px="md" py="xs">
          {wrong.message} Only pages can be found now.
        </Text>
      )}
    </Spotlight.Root>
  )
}
