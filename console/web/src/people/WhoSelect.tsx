import { MultiSelect } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useState, type ReactNode, type Ref } from 'react'
import { ask } from '../api/ask.ts'
import { graphql } from '../api/graphql.ts'

const FindWho = graphql(`
  query FindWho($search: String, $groups: Boolean!) {
    users(search: $search, status: [ENABLED], first: 20) { nodes { id name email } }
    groups(search: $search, first: 20) @include(if: $groups) { nodes { id name } }
  }
`)

/** A person, or a group, which has no address. */
export type Who = { id: string; name: string; email: string }

type Props = {
  label: string
  description?: string
  /** Groups can be chosen as well. */
  groups?: boolean
  most: number
  /** Who can't be chosen. */
  except?: readonly string[]
  value: readonly Who[]
  onChange: (value: Who[]) => void
  error?: ReactNode
  ref?: Ref<HTMLInputElement>
}

const labelOf = (w: Who): string => (w.id.startsWith('grp_') ? `${w.name} (group)` : w.email ? `${w.name}, ${w.email}` : w.name)

/** Chooses people among many, and groups: the server finds those that the field names. */
export function WhoSelect({ label, description, groups = false, most, except = [], value, onChange, error, ref }: Props) {
  const [typed, setTyped] = useState('')
  const [words] = useDebouncedValue(typed, 150)
  const [found, setFound] = useState<readonly Who[]>([])
  useEffect(() => {
    let over = false
    void ask(FindWho, { search: words.trim() || null, groups }).then(({ data }) => {
      if (!over) setFound([...(data?.groups?.nodes ?? []).map((g) => ({ id: g.id, name: g.name, email: '' })), ...(data?.users?.nodes ?? []).map(({ id, name, email }) => ({ id, name, email }))])
    })
    return () => void (over = true)
  }, [words, groups])
  const all = [...value, ...found.filter((f) => !except.includes(f.id) && !value.some((v) => v.id === f.id))]
  return (
    <MultiSelect
      ref={ref}
      label={label}
      description={description}
      searchable
      hidePickedOptions
      maxValues={most}
      nothingFoundMessage={groups ? 'Nobody and no group is called so.' : 'Nobody is called so.'}
      filter={({ options }) => options} // the server found them
      data={all.map((w) => ({ value: w.id, label: labelOf(w) }))}
      value={value.map((w) => w.id)}
      onChange={(ids) => onChange(ids.flatMap((id) => all.find((w) => w.id === id) ?? []))}
      onSearchChange={setTyped}
      error={error}
      data-autofocus
    />
  )
}
