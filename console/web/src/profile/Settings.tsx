import { Radio, Select, Stack, Switch, Text, Title, useMantineColorScheme } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useChange } from '../api/change.ts'
import { client } from '../api/client.ts'
import { now } from '../api/clock.ts'
import { useConnection } from '../api/connection.ts'
import { cantBeReached } from '../api/trouble.ts'
import { formErrors } from '../people/rules.ts'
import { lettersOn, setLetters } from '../shell/keys.ts'
import { moment, redraw } from '../ui/now.ts'
import { Standing } from '../ui/Standing.tsx'
import { deviceZone, keepZone } from '../ui/zone.ts'
import { ReadTimeZone, SetTimeZone } from './operations.ts'

const device = 'device'

// Some browsers call zones by names that nobody looks for any more; they understand the others, too.
const renamed: Record<string, string> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Godthab': 'America/Nuuk',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
}

/** How the console looks and behaves for this person: the time zone everywhere, all else on this device. */
export function Settings({ zone }: { zone: string | null }) {
  return (
    <section className="card" aria-labelledby="settings">
      <Stack p="md" gap="lg">
        <Title order={2} id="settings">
          Settings
        </Title>
        <Zone zone={zone} />
        <Theme />
        <Letters />
      </Stack>
    </section>
  )
}

function Zone({ zone }: { zone: string | null }) {
  const { live } = useConnection()
  const [chosen, setChosen] = useState(zone)
  const zones = useMemo(() => {
    const known = Intl.supportedValuesOf('timeZone').map((z) => renamed[z] ?? z)
    return [{ value: device, label: `As this device (${deviceZone()})` }, ...[...new Set([...known, 'UTC', ...(zone ? [zone] : [])])].sort().map((z) => ({ value: z, label: z.replaceAll('_', ' ') }))]
  }, [zone])
  const change = useChange(SetTimeZone, {
    holds: async (input) => {
      const { data, error } = await client.query(ReadTimeZone, {}, { requestPolicy: 'network-only' }).toPromise()
      return error || !data?.viewer?.user ? undefined : data.viewer.user.timeZone === (input.timeZone ?? null)
    },
    notDone: 'This did not arrive, and the zone is as before. Choose it once more.',
    at: formErrors,
  })
  async function choose(v: string | null) {
    if (v === null) return
    const next = v === device ? null : v
    const was = chosen
    setChosen(next)
    if ((await change.send({ timeZone: next }))?.is === 'done') {
      keepZone(next)
      redraw()
    } else setChosen(was)
  }
  return (
    <div>
      <Select
        label="Time zone"
        description="By which times are shown and read, wherever you sign in."
        data={zones}
        value={chosen ?? device}
        onChange={(v) => void choose(v)}
        searchable
        limit={50}
        nothingFoundMessage="No zone is called so."
        allowDeselect={false}
        readOnly={!live || change.busy}
        error={change.wrong['timeZone']}
      />
      <Text size="sm" c="dimmed" mt={4} role="status">
        {live ? `It is ${moment(now(), now())} there.` : cantBeReached}
      </Text>
      <Standing of={change} />
    </div>
  )
}

function Theme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Radio.Group size="md" label="Colours" description="On this device." value={colorScheme} onChange={(v) => setColorScheme(v as typeof colorScheme)}>
      <Stack gap="xs" mt="xs">
        <Radio value="auto" label="As the system" />
        <Radio value="light" label="Light" />
        <Radio value="dark" label="Dark" />
      </Stack>
    </Radio.Group>
  )
}

function Letters() {
  const [on, setOn] = useState(lettersOn)
  return (
    <Switch
      label="Shortcuts of single letters"
      description="On this device. Off, letters do nothing outside of fields."
      checked={on}
      onChange={(e) => {
        setOn(e.currentTarget.checked)
        setLetters(e.currentTarget.checked)
      }}
    />
  )
}
