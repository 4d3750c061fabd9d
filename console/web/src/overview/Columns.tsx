import { useElementSize } from '@mantine/hooks'
import { Fragment, useId } from 'react'
import { scaleEnd } from './numbers.ts'
import classes from './overview.module.css'

/** What a column is made of, from below: each kind differs by its pattern too, for those who see no colours. */
export type Kind = { label: string; fill: 'full' | 'striped' | 'hollow'; tone: string }
export type Column = { label: string; values: readonly number[] }

const [height, left, below, above] = [180, 40, 22, 8]

/** Columns of some kinds on each other. It is for the eye: the table beneath says the same. */
export function Columns({ kinds, columns }: { kinds: readonly Kind[]; columns: readonly Column[] }) {
  const name = useId()
  const { ref, width: seen } = useElementSize()
  const width = seen || 480 // until it is seen how much room there is
  const end = scaleEnd(Math.max(...columns.map((c) => c.values.reduce((a, b) => a + b, 0))))
  const room = height - below - above
  const y = (n: number) => above + room * (1 - n / end)
  const step = (width - left) / columns.length
  const thick = Math.min(28, step * 0.7)
  const every = Math.ceil(columns.length / Math.max(1, Math.floor((width - left) / 70)))
  return (
    <div ref={ref} className={classes['room']}>
      <svg width={width} height={height} className={classes['chart']} aria-hidden focusable="false">
        <defs>
          {kinds.map((k, i) => (
            <Pattern key={k.label} id={`${name}-${i}`} kind={k} />
          ))}
        </defs>
        {[0, end / 2, end].map((n) => (
          <Fragment key={n}>
            <line x1={left} x2={width} y1={y(n)} y2={y(n)} className={classes['axis']} />
            <text x={left - 6} y={y(n) + 4} textAnchor="end">
              {n}
            </text>
          </Fragment>
        ))}
        {columns.map((c, i) => {
          let sum = 0
          const x = left + step * i + (step - thick) / 2
          return (
            <g key={c.label}>
              {c.values.map((n, of) => {
                const from = y(sum)
                sum += n
                const kind = kinds[of]
                if (n === 0 || !kind) return null
                return <rect key={kind.label} x={x} width={thick} y={y(sum)} height={Math.max(1, from - y(sum) - 1)} fill={`url(#${name}-${of})`} stroke={kind.tone} strokeWidth={1} />
              })}
              {/* From the last day back, so that today has its name. */}
              {(columns.length - 1 - i) % every === 0 && (
                <text x={Math.min(x + thick / 2, width - 26)} y={height - 6} textAnchor="middle">
                  {c.label}
                </text>
              )}
            </g>
          )
        })}
      </svg>
    </div>
  )
}

function Pattern({ id, kind }: { id: string; kind: Kind }) {
  return (
    <pattern id={id} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width={6} height={6} fill={kind.fill === 'full' ? kind.tone : 'var(--card)'} />
      {kind.fill === 'striped' && <rect width={3} height={6} fill={kind.tone} />}
    </pattern>
  )
}

/** What the patterns mean. */
export function Legend({ kinds }: { kinds: readonly Kind[] }) {
  const name = useId()
  return (
    <ul className={classes['legend']}>
      {kinds.map((k, i) => (
        <li key={k.label}>
          <svg width={14} height={14} aria-hidden focusable="false">
            <defs>
              <Pattern id={`${name}-${i}`} kind={k} />
            </defs>
            <rect x={0.5} y={0.5} width={13} height={13} rx={2} fill={`url(#${name}-${i})`} stroke={k.tone} />
          </svg>
          {k.label}
        </li>
      ))}
    </ul>
  )
}
