import { memo } from 'react'
import type { Room } from '../ui/EndlessRows.tsx'
import { exact, moment, useNow } from '../ui/now.ts'
import classes from './audit.module.css'
import { kindOf, nameOf, through, verb, whoOf, type EntryRow } from './entries.ts'

/** One entry: when, who, did what, to what, through what. */
export const Row = memo(function Row({ e, room, href, onOpen, onFocus }: { e: EntryRow; room: Room; href: string; onOpen: (seq: number) => void; onFocus: (id: string) => void }) {
  const here = useNow()
  const ms = Date.parse(e.at)
  const when = (
    <time dateTime={e.at} title={exact(ms)} className={`${classes['when']} ${classes['small']} quiet`}>
      {moment(ms, here)}
    </time>
  )
  const link = (
    <a
      href={href}
      className={`${classes['what']} ${classes['cut']}`}
      data-row={e.id}
      onFocus={() => onFocus(e.id)}
      onClick={(click) => {
        if (click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return
        click.preventDefault()
        onOpen(e.seq)
      }}
    >
      <bdi>{nameOf(e)}</bdi>
    </a>
  )
  const who = (
    <span className={classes['cut']}>
      <bdi>{whoOf(e)}</bdi>
    </span>
  )
  if (room.narrow) {
    return (
      <>
        <div className={classes['line']}>
          {who}
          <span>{verb(e)}</span>
          {link}
        </div>
        <div className={classes['line']}>
          {when}
          <span className={`${classes['cut']} ${classes['small']} quiet`}>
            {kindOf(e)} {through(e)}
          </span>
        </div>
      </>
    )
  }
  return (
    <>
      {when}
      {who}
      <span className={classes['cut']}>{verb(e)}</span>
      {link}
      <span className={`${classes['cut']} ${classes['small']} quiet`}>{kindOf(e)}</span>
      <span className={`${classes['cut']} ${classes['small']} quiet`}>{through(e)}</span>
    </>
  )
})
