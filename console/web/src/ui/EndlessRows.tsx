import { useElementSize, useMergedRef } from '@mantine/hooks'
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, useSyncExternalStore, type ReactNode, type Ref } from 'react'
import type { Endless } from './endless.ts'
import classes from './EndlessRows.module.css'
import { ListEnd } from './ListEnd.tsx'

const edge = 44 // what stands above or below the rows while there is more
const ahead = 15 // rows before an end at which the next page is asked for

export type RowsHandle = {
  /** Moves the focus so many rows; from nowhere to the first that is seen. */
  move: (by: number) => void
  top: () => void
  /** Puts the focus on a row, or on the list where that is gone. */
  focus: (id: string | null) => void
  current: () => string | null
}

/** Where somebody was in a list, so that they find it so when they return. */
export type Spot = { scroll: number; current: string | null }
export const atTop = (): Spot => ({ scroll: 0, current: null })

/** How wide the list is, in px, and whether a row takes two lines there. */
export type Room = { width: number; narrow: boolean }

type Props<R extends { id: string }> = {
  list: Endless<R>
  /** What screen readers call the list. */
  label: string
  /** Under this width, in px, a row has two lines. */
  narrowBelow: number
  /** The class of a row's grid, and of the list. */
  className: (narrow: boolean) => string
  listClass?: string | undefined
  /** The row that is shown elsewhere, too. */
  open: string | null
  spot: Spot
  /** What is in a row: its link has `data-row`, the row's ID, and calls onFocus when it has the focus. */
  row: (r: R, room: Room, onFocus: (id: string) => void) => ReactNode
  ref: Ref<RowsHandle>
}

/** The loaded rows of an endless list, of which those are drawn that are seen. Rows put above or taken away there move nothing that is seen. */
export function EndlessRows<R extends { id: string }>({ list, label, narrowBelow, className, listClass, open, spot, row, ref }: Props<R>) {
  const { rows, base, above, below } = useSyncExternalStore(list.subscribe, list.state)
  const scroller = useRef<HTMLDivElement>(null)
  const { ref: sized, width } = useElementSize<HTMLDivElement>()
  const both = useMergedRef(scroller, sized)
  const narrow = width > 0 && width < narrowBelow
  const height = narrow ? 76 : 56
  const lead = above.done ? 0 : 1
  const count = lead + rows.length + (below.done ? 0 : 1)
  const at = (index: number) => rows[index - lead]
  const position = useRef(spot)
  position.current = spot

  const placeOf = (id: string | null) => (id === null ? -1 : rows.findIndex((r) => r.row.id === id))
  const here = placeOf(spot.current)
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    initialRect: { width: window.innerWidth, height: window.innerHeight }, // so that the first rendering has rows
    estimateSize: (i) => (at(i) ? height : edge),
    getItemKey: (i) => at(i)?.row.id ?? (i === 0 ? 'above' : 'below'),
    overscan: 6,
    initialOffset: spot.scroll > 0 ? spot.scroll : lead * edge,
    // The row that has the focus stays in the document, however far it is scrolled away.
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range)
      const i = here + lead
      if (here < 0 || i >= count) return shown
      if (i < shown[0]!) return [i, ...shown]
      return i > shown.at(-1)! ? [...shown, i] : shown
    },
  })

  // What came above pushes down by as much as it is high, before anything is painted.
  const [, redraw] = useState(0)
  const before = useRef({ base, lead, height })
  useLayoutEffect(() => {
    const was = before.current
    before.current = { base, lead, height }
    if (was.height !== height) {
      const first = was.height === 0 ? 0 : (scroller.current!.scrollTop - was.lead * edge) / was.height
      virtual.measure()
      if (first > 0) virtual.scrollToOffset(lead * edge + first * height)
      return
    }
    const shift = (was.base - base) * height + (lead - was.lead) * edge
    if (shift === 0) return
    scroller.current!.scrollTop += shift
    virtual.scrollOffset = scroller.current!.scrollTop
    redraw((n) => n + 1)
  }, [base, lead, height, virtual])

  const items = virtual.getVirtualItems()
  useEffect(() => {
    // By where it is scrolled to now, for what is drawn may be of before the rows were shifted.
    const { scrollTop, clientHeight } = scroller.current!
    const first = (scrollTop - lead * edge) / height
    if (!above.trouble && first < ahead) void list.grow('above')
    if (!below.trouble && first + clientHeight / height > rows.length - ahead) void list.grow('below')
  })

  const focus = useCallback(
    (index: number) => {
      const id = list.state().rows[index]?.row.id
      if (id === undefined) return
      position.current.current = id
      virtual.scrollToIndex(index + (list.state().above.done ? 0 : 1), { align: 'auto' })
      // The row may have to be drawn first.
      const take = () => {
        const link = scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`)
        link?.focus({ preventScroll: true })
        return link !== null && link !== undefined
      }
      if (!take()) requestAnimationFrame(() => take() || requestAnimationFrame(take))
    },
    [list, virtual],
  )

  const move = (by: number) => {
    const i = placeOf(position.current.current)
    const seen = items.find((v) => at(v.index) && v.start >= (scroller.current?.scrollTop ?? 0))
    focus(i < 0 ? Math.max(0, (seen?.index ?? lead) - lead) : Math.min(rows.length - 1, Math.max(0, i + by)))
  }
  useImperativeHandle(ref, () => ({
    move,
    top: () => {
      position.current.current = null
      virtual.scrollToOffset(0)
    },
    focus: (id) => {
      const i = placeOf(id)
      if (i >= 0) focus(i)
      else scroller.current?.focus()
    },
    current: () => (placeOf(position.current.current) < 0 ? null : position.current.current),
  }))

  const onFocus = useCallback((id: string) => void (position.current.current = id), [])
  return (
    <div
      ref={both}
      className={`card ${classes['list']} ${listClass ?? ''}`}
      style={{ '--rows': `${virtual.getTotalSize() + 2}px` } as React.CSSProperties}
      tabIndex={-1}
      onScroll={(e) => void (position.current.scroll = e.currentTarget.scrollTop)}
      onKeyDown={(e) => {
        if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') return
        if (e.altKey || e.ctrlKey || e.metaKey || e.shiftKey) return
        e.preventDefault()
        move(e.key === 'ArrowDown' ? 1 : -1)
      }}
    >
      <ul className={classes['rows']} style={{ height: virtual.getTotalSize() }} aria-label={label}>
        {items.map((v) => {
          const r = at(v.index)
          const place = { height: v.size, transform: `translateY(${v.start}px)` }
          if (!r) {
            const end = v.index === 0 && lead === 1 ? above : below
            return (
              <li key={v.key} className={classes['edge']} style={place}>
                <ListEnd trouble={end.trouble} again={() => void list.grow(end === above ? 'above' : 'below')} />
              </li>
            )
          }
          return (
            <li key={v.key} className={`${classes['row']} ${className(narrow)}`} style={place} data-open={r.row.id === open || undefined}>
              {row(r.row, { width, narrow }, onFocus)}
            </li>
          )
        })}
      </ul>
    </div>
  )
}
