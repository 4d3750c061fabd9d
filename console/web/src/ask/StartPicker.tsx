import { useMediaQuery } from '@mantine/hooks'
import { DateTimePicker } from '@mantine/dates'
import { calendar } from '../ui/calendar.ts'
import { byDevice, zoneName } from '../ui/zone.ts'
import { local } from './form.ts'

/** A moment by the viewer's clock; the zone is said, and nothing outside of the bounds can be chosen. */
export default function StartPicker({ value, onChange, least, most, error, readOnly }: { value: string; onChange: (value: string) => void; least: number; most: number; error: string | undefined; readOnly: boolean }) {
  const narrow = useMediaQuery('(max-width: 48em)')
  return (
    <DateTimePicker
      {...calendar}
      id="ask-startsAt"
      size="md"
      label="Starts at"
      description={`By the clock of ${zoneName()}.`}
      placeholder="Choose a day and a time"
      valueFormat="D MMM YYYY, HH:mm"
      value={value === '' ? null : value}
      onChange={(v) => onChange(v ?? '')}
      minDate={local(least)}
      maxDate={local(most)}
      highlightToday={byDevice()} // it would be the device’s day
      dropdownType={narrow ? 'modal' : 'popover'}
      popoverProps={{ id: 'ask-startsAt' }} // by which what opens is called as the field is
      modalProps={{ title: 'Starts at' }}
      submitButtonProps={{ 'aria-label': 'Take this time' }}
      error={error}
      readOnly={readOnly}
    />
  )
}
