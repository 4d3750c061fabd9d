import '@mantine/dates/styles.css'
import './calendar.css'

/** What all calendars have. The button between the arrows is called what it shows. */
export const calendar = {
  ariaLabels: { nextMonth: 'Next month', previousMonth: 'Previous month', nextYear: 'Next year', previousYear: 'Previous year', nextDecade: 'Next ten years', previousDecade: 'Previous ten years' },
  weekendDays: [] as [], // their red is too faint, and says nothing here
}
