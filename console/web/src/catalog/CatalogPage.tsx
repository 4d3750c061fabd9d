import { Button, Drawer, Group, Select, Stack, Tabs, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconPlus, IconSearch, IconUpload } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useOffer } from '../shell/acts.ts'
import { useLetter } from '../shell/keys.ts'
import { AdministratorsOnly } from '../ui/AdministratorsOnly.tsx'
import { Endless } from '../ui/endless.ts'
import { atTop, EndlessRows, type RowsHandle } from '../ui/EndlessRows.tsx'
import { ButtonLink } from '../ui/Link.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { useTitle } from '../ui/title.ts'
import { count, kinds } from '../ui/words.ts'
import { Add } from './Add.tsx'
import classes from './catalog.module.css'
import { CatalogRow } from './CatalogRow.tsx'
import { ItemShown } from './ItemShown.tsx'
import { readItems, type Item } from './operations.ts'
import { PlaceSelect } from './PlaceSelect.tsx'
import { kindNames, readCatalogSearch, tabs, type CatalogSearch, type Tab } from './search.ts'

const route = getRouteApi('/catalog')

/** Everything that access can be asked for, and what it belongs to. */
export function CatalogPage() {
  return (
    <AdministratorsOnly what="Catalog">
      <Page />
    </AdministratorsOnly>
  )
}

function Page() {
  const raw = route.useSearch()
  const search = useMemo(() => readCatalogSearch(raw), [raw]) // the router keeps what it does not know
  const go = route.useNavigate()
  const to = (next: CatalogSearch, replace = false) => void go({ search: next, replace, resetScroll: false })
  const tab: Tab = search.tab ?? 'resources'
  const { label, noun } = tabs[tab]
  useTitle(label)
  return (
    <Stack gap="lg">
      <Group justify="space-between" gap="sm">
        <Title order={1}>Catalog</Title>
        <Group gap="sm">
          <ButtonLink to="/catalog/import" variant="default" leftSection={<IconUpload size={16} aria-hidden />}>
            Import a file
          </ButtonLink>
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => to({ ...search, open: undefined, act: 'add' } as CatalogSearch)}>
            Add {noun === 'account' ? 'an' : 'a'} {noun}
          </Button>
        </Group>
      </Group>
      <Tabs value={tab} onChange={(v) => to(v && v !== 'resources' ? { tab: v as 'accounts' } : {})} keepMounted={false}>
        <Tabs.List mb="lg">
          {Object.entries(tabs).map(([name, t]) => (
            <Tabs.Tab key={name} value={name}>
              {t.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          <List key={tab} tab={tab} search={search} to={to} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}

type To = (next: CatalogSearch, replace?: boolean) => void

function List({ tab, search, to }: { tab: Tab; search: CatalogSearch; to: To }) {
  const { words, kind, account, gateway, open, act } = search
  const filters = useMemo<CatalogSearch>(
    () => ({ ...(search.tab ? { tab: search.tab } : {}), ...(words ? { words } : {}), ...(kind ? { kind } : {}), ...(account ? { account } : {}), ...(gateway ? { gateway } : {}) }),
    [search.tab, words, kind, account, gateway],
  )
  const [total, setTotal] = useState<number | null>(null)
  const list = useMemo(() => {
    setTotal(null)
    return new Endless<Item>(async (_, where) => {
      const page = await readItems(filters, where)
      if (!('kind' in page)) setTotal(page.total)
      return page
    }, false)
  }, [filters])
  const spot = useMemo(atTop, [list])
  const { rows, ready, below } = useSyncExternalStore(list.subscribe, list.state)
  const handle = useRef<RowsHandle>(null)
  const field = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState(words ?? '')
  useEffect(() => {
    if (!list.state().ready) void list.grow('below')
  }, [list])
  useEffect(() => setTyped((t) => (t.trim() === (words ?? '') ? t : (words ?? ''))), [words])

  const find = useDebouncedCallback((v: string) => {
    const { words: _, ...rest } = filters
    to({ ...rest, ...(v.trim() ? { words: v.trim() } : {}) }, true)
  }, 250)
  const set = (change: { [K in keyof CatalogSearch]?: CatalogSearch[K] | undefined }) => to(readCatalogSearch({ ...filters, ...change }))
  const filtered = words !== undefined || kind !== undefined || account !== undefined || gateway !== undefined
  const clear = () => {
    setTyped('')
    to(search.tab ? { tab: search.tab } : {})
    field.current?.focus()
  }
  const close = () => {
    to(filters)
    setTimeout(() => handle.current?.focus(open ?? null))
  }
  const again = async () => void (await list.again())
  const free = open === undefined && act === undefined
  useLetter('J', () => handle.current?.move(1), free)
  useLetter('K', () => handle.current?.move(-1), free)
  useLetter('U', close, open !== undefined && act === undefined)
  useLetter('F', () => field.current?.focus(), free)
  useLetter('/', () => field.current?.focus(), free)
  const { noun } = tabs[tab]
  useOffer([{ label: `Add ${noun === 'account' ? 'an' : 'a'} ${noun}`, run: () => to({ ...filters, act: 'add' }) }, { label: 'Find in the catalog', keys: '/', run: () => field.current?.focus() }])

  const known = rows.find((r) => r.row.id === open)?.row ?? null
  const n = total ?? (below.done ? rows.length : null)
  return (
    <Stack gap="md">
      <div className={classes['tools']}>
        <TextInput
          ref={field}
          label="Find by name"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(e) => {
            setTyped(e.currentTarget.value)
            find(e.currentTarget.value)
          }}
        />
        {tab === 'resources' && (
          <>
            <Select label="Kind" value={kind ?? ''} onChange={(v) => set({ kind: v || undefined })} data={[{ value: '', label: 'Any' }, ...kindNames.map((value) => ({ value, label: kinds[value] ?? value }))]} />
            <PlaceSelect of="account" value={account ?? null} onChange={(v) => set({ account: v ?? undefined, gateway: undefined })} />
            <PlaceSelect of="gateway" value={gateway ?? null} onChange={(v) => set({ gateway: v ?? undefined, account: undefined })} />
          </>
        )}
        {filtered && (
          <Button variant="subtle" onClick={clear}>
            Clear
          </Button>
        )}
        <Text size="sm" c="dimmed" role="status" className={classes['count']}>
          {n === null ? '' : count(n, noun)}
        </Text>
      </div>
      {!ready && below.trouble ? (
        <Failure what="The catalog could not be read" trouble={below.trouble} again={() => void list.grow('below')} />
      ) : !ready ? (
        <div className="card">
          <Loading inset rows={6} height={40} />
        </div>
      ) : rows.length === 0 && below.done ? (
        <div className="card">
          {filtered ? (
            <Empty act={<Button onClick={clear}>Clear</Button>}>No {noun} matches these filters.</Empty>
          ) : (
            <Empty act={<ButtonLink to="/catalog/import">Import a file</ButtonLink>}>There is no {noun} yet.</Empty>
          )}
        </div>
      ) : (
        <EndlessRows
          key={JSON.stringify(filters)}
          ref={handle}
          list={list}
          label={tabs[tab].label}
          narrowBelow={720}
          className={(narrow) => `${classes['entry']} ${narrow ? classes['narrow'] : ''}`}
          listClass={classes['list']}
          open={open ?? null}
          spot={spot}
          row={(i, { narrow }, onFocus) => <CatalogRow item={i} narrow={narrow} search={{ ...filters, open: i.id }} onFocus={() => onFocus(i.id)} />}
        />
      )}
      <Drawer opened={open !== undefined} onClose={close} closeOnEscape={act === undefined} position="right" size="md" title={open === undefined ? '' : nounOf(open)} closeButtonProps={{ 'aria-label': 'Close' }}>
        {open !== undefined && (
          <ItemShown
            key={open}
            id={open}
            known={known}
            act={act === undefined || act === 'add' ? null : act}
            onAct={(a) => to({ ...filters, open, ...(a ? { act: a } : {}) }, a === null)}
            onChange={again}
            onDeleted={() => {
              to(filters, true)
              void again()
            }}
          />
        )}
      </Drawer>
      {act === 'add' && open === undefined && (
        <Add
          tab={tab}
          place={account ? { account } : gateway ? { gateway } : {}}
          onClose={() => to(filters, true)}
          onDone={(id) => {
            to(id ? { ...filters, open: id } : filters, true)
            void again()
          }}
        />
      )}
    </Stack>
  )
}

const nounOf = (id: string): string => (id.startsWith('acc_') ? 'Account' : id.startsWith('gw_') ? 'Gateway' : 'Resource')
