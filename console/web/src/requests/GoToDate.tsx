import { DatePicker } from '@mantine/dates'
import { calendar } from '../ui/calendar.ts'

/** The calendar from which a day is chosen; none lies ahead. */
export default function GoToDate({ at, today, onChoose }: { at: string | undefined; today: string; onChoose: (day: string) => void }) {
  return <DatePicker {...calendar} size="md" value={at ?? null} defaultDate={at ?? today} maxDate={today} onChange={(day) => day !== null && onChoose(day)} />
}
