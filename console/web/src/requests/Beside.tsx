import { Splitter } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './ListPage.module.css'

/** On a wide screen: the list, and the chosen request beside it. */
export default function Beside({ list, children }: { list: ReactNode; children: ReactNode }) {
  return (
    <Splitter className={classes['split'] ?? ''} withHandle={false}>
      <Splitter.Pane defaultSize={46} min={30}>
        {list}
      </Splitter.Pane>
      <Splitter.Pane defaultSize={54} min={30}>
        <section className={classes['pane']} aria-label="The chosen request">
          {children}
        </section>
      </Splitter.Pane>
    </Splitter>
  )
}
