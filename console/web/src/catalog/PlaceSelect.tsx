import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useState, type ReactNode, type Ref } from 'react'
import { findPlaces, readItem } from './operations.ts'

type Place = { id: string; name: string }
type Props = { of: 'account' | 'gateway'; value: string | null; onChange: (id: string | null) => void; label?: string; placeholder?: string; error?: ReactNode; ref?: Ref<HTMLInputElement> }

const labels = { account: 'Account', gateway: 'Gateway' }

/** Chooses an account or a gateway among many: the server finds those that the field names. */
export function PlaceSelect({ of, value, onChange, label, placeholder = 'Any', error, ref }: Props) {
  const [typed, setTyped] = useState('')
  const [words] = useDebouncedValue(typed, 150)
  const [chosen, setChosen] = useState<Place | null>(null)
  const [found, setFound] = useState<readonly Place[]>([])
  useEffect(() => {
    let over = false
    if (value === null) setChosen(null)
    else if (chosen?.id !== value) void readItem(value).then((i) => !over && setChosen(i ? { id: i.id, name: i.name } : { id: value, name: `…${value.slice(-8)}` }))
    return () => void (over = true)
  }, [value])
  // The name of what is chosen stands in the field: it is no search for others.
  const asked = words === chosen?.name ? '' : words
  useEffect(() => {
    let over = false
    void findPlaces(of, asked).then((places) => !over && setFound(places))
    return () => void (over = true)
  }, [of, asked])
  const all = chosen && !found.some((p) => p.id === chosen.id) ? [chosen, ...found] : found
  return (
    <Select
      ref={ref}
      label={label ?? labels[of]}
      placeholder={placeholder}
      clearable
      clearButtonProps={{ 'aria-label': `No ${of}` }}
      searchable
      nothingFoundMessage={`No ${of} is called so.`}
      filter={({ options }) => options} // the server found them
      data={all.map((p) => ({ value: p.id, label: p.name }))}
      value={value}
      onChange={(v) => {
        setChosen(all.find((p) => p.id === v) ?? null)
        onChange(v)
      }}
      onSearchChange={setTyped}
      error={error}
    />
  )
}
