import { useElementSize } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react'
import type { Endless } from '../ui/endless.ts'
import { ListEnd } from '../ui/ListEnd.tsx'
import classes from './integrations.module.css'
import { LogRow } from './LogRow.tsx'
import type { DeliveryDetail, IntegrationDetail } from './operations.ts'
import type { Place } from './search.ts'

export type LogHandle = { move: (by: number) => void; focus: (id: string | null) => void }

type RowsProps = {
  list: Endless<DeliveryDetail>
  integration: IntegrationDetail
  open: string | null
  link: (id: string) => Place
  ref: React.Ref<LogHandle>
}

const edge = 44

/** The loaded rows, of which those are drawn that are seen, and what lies beyond. */
export function LogRows({ list, integration, open, link, ref }: RowsProps) {
  const { rows, base, above, below } = useSyncExternalStore(list.subscribe, list.state)
  const scroller = useRef<HTMLDivElement>(null)
  const { ref: sized, width } = useElementSize<HTMLDivElement>()
  // The same function each time: another one would be attached anew at each render.
  const attach = useCallback(
    (node: HTMLDivElement | null) => {
      scroller.current = node
      return sized(node)
    },
    [sized],
  )
  const narrow = width > 0 && width < 720
  const height = narrow ? 76 : 56
  const lead = above.done ? 0 : 1
  const total = lead + rows.length + (below.done ? 0 : 1)
  const at = (index: number) => rows[index - lead]
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: (n) => (at(n) ? height : edge),
    getItemKey: (n) => at(n)?.row.id ?? (n === 0 ? 'above' : 'below'),
    overscan: 6,
  })
  const before = useRef({ base, lead, height })
  // What is put above or taken away there moves nothing that is seen.
  useLayoutEffect(() => {
    const was = before.current
    before.current = { base, lead, height }
    if (was.height !== height) virtual.measure()
    const shift = (was.base - base) * height + (lead - was.lead) * edge
    if (shift !== 0 && was.height === height) virtual.scrollToOffset(scroller.current!.scrollTop + shift)
  }, [base, lead, height, virtual])
  const items = virtual.getVirtualItems()
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0]
  useEffect(() => {
    if (!above.trouble && first < lead + 15) void list.grow('above')
    if (!below.trouble && last >= total - 15) void list.grow('below')
  })

  const current = useRef<string | null>(null)
  const focus = (index: number) => {
    const id = rows[index]?.row.id
    if (id === undefined) return
    current.current = id
    virtual.scrollToIndex(index + lead, { align: 'auto' })
    const take = () => {
      const a = scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`)
      a?.focus({ preventScroll: true })
      return Boolean(a)
    }
    if (!take()) requestAnimationFrame(() => take() || requestAnimationFrame(take))
  }
  const move = (by: number) => {
    const n = rows.findIndex((r) => r.row.id === current.current)
    focus(n < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, n + by)))
  }
  const api = useRef({ move, focus: (_: string | null) => {} })
  api.current = {
    move,
    focus: (id) => {
      const n = rows.findIndex((r) => r.row.id === id)
      if (n >= 0) focus(n)
      else scroller.current?.focus()
    },
  }
  useEffect(() => {
    const given = { move: (by: number) => api.current.move(by), focus: (id: string | null) => api.current.focus(id) }
    if (typeof ref === 'function') ref(given)
    else if (ref) ref.current = given
  }, [ref])

  return (
    <div
      className={`card ${classes['log']}`}
      style={{ '--rows': `${virtual.getTotalSize() + 2}px` } as React.CSSProperties}
      tabIndex={-1}
      ref={attach}
      onKeyDown={(e) => {
        if ((e.key !== 'ArrowDown' && e.key !== 'ArrowUp') || e.altKey || e.ctrlKey || e.metaKey || e.shiftKey) return
        e.preventDefault()
        move(e.key === 'ArrowDown' ? 1 : -1)
      }}
    >
      <ul className={classes['rows']} style={{ height: virtual.getTotalSize() }} aria-label="Deliveries">
        {items.map((v) => {
          const r = at(v.index)
          const where = { height: v.size, transform: `translateY(${v.start}px)` }
          if (!r) {
            const side = v.index === 0 && lead === 1 ? 'above' : 'below'
            const end = side === 'above' ? above : below
            return (
              <li key={v.key} className={classes['end']} style={where}>
                <ListEnd trouble={end.trouble} again={() => void list.grow(side)} />
              </li>
            )
          }
          return (
            <li key={v.key} className={`${classes['entry']} ${narrow ? classes['narrow'] : ''}`} style={where} data-open={r.row.id === open || undefined}>
              <LogRow d={r.row} integration={integration} narrow={narrow} link={link} onFocus={() => (current.current = r.row.id)} onChange={(d) => list.update([d])} />
            </li>
          )
        })}
      </ul>
    </div>
  )
}
