import type { Trouble } from '../api/trouble.ts'

// A list that is longer than a browser can hold. At most so many rows are loaded; what lies
// above and below them is a cursor each. A list that was taken to a day is two lists, one
// below the other: what is newer than that day, and what is older.

export type Part = 'newer' | 'older'

export type Page<R> = {
  edges: { cursor: string; node: R }[]
  startCursor: string | null
  endCursor: string | null
  hasNextPage: boolean
  hasPreviousPage: boolean
}

export type Place = { first: number; after: string | null } | { last: number; before: string | null }

export type Read<R> = (part: Part, place: Place) => Promise<Page<R> | Trouble>

type Row<R> = { part: Part; cursor: string; row: R }

/** Where the loaded rows end: behind which cursor of which part more lies. */
type End = { part: Part; cursor: string | null; done: boolean; reading: boolean; trouble: Trouble | null }

type Loaded<R> = {
  rows: readonly Row<R>[]
  /** The number of the first row; it changes by as many as are put before it or taken away. */
  base: number
  above: End
  below: End
  /** Whether anything was read yet. */
  ready: boolean
}

const end = (part: Part, done = false): End => ({ part, cursor: null, done, reading: false, trouble: null })

export class Endless<R extends { id: string }> {
  #state: Loaded<R>
  #listeners = new Set<() => void>()
  #over = false
  #round = 0 // answers to what was asked before a fresh start count for nothing

  constructor(
    private readonly read: Read<R>,
    /** The list begins between two parts. */
    private readonly parted: boolean,
    private readonly page = 50,
    private readonly most = 1000,
  ) {
    this.#state = this.#empty()
  }

  #empty(): Loaded<R> {
    return { rows: [], base: 0, above: end(this.parted ? 'newer' : 'older', !this.parted), below: end('older'), ready: false }
  }

  /** These two are bound, for useSyncExternalStore. */
  readonly state = (): Loaded<R> => this.#state
  readonly subscribe = (f: () => void): (() => void) => {
    this.#listeners.add(f)
    return () => void this.#listeners.delete(f)
  }

  #set(change: Partial<Loaded<R>>): void {
    this.#state = { ...this.#state, ...change }
    for (const f of this.#listeners) f()
  }

  /** Whether the list's beginning is loaded. */
  get atHead(): boolean {
    return this.#state.above.done
  }

  /** Loads a page more above or below, unless there is none or one is on its way. */
  async grow(side: 'above' | 'below'): Promise<void> {
    for (;;) {
      const from = this.#state[side]
      if (from.done || from.reading || this.#over) return
      this.#set({ [side]: { ...from, reading: true, trouble: null } })
      const round = this.#round
      const answer = await this.read(from.part, side === 'below' ? { first: this.page, after: from.cursor } : { last: this.page, before: from.cursor })
      if (this.#over || round !== this.#round) return
      if ('kind' in answer) {
        this.#set({ [side]: { ...from, reading: false, trouble: answer } })
        return
      }
      if (side === 'below') this.#append(from.part, answer)
      else this.#prepend(from.part, answer)
      // A page looks at so many and no more: it may be empty though more lies behind it.
      if (answer.edges.length > 0) return
    }
  }

  #fresh(part: Part, p: Page<R>): Row<R>[] {
    const have = new Set(this.#state.rows.map((r) => r.row.id))
    return p.edges.filter((e) => !have.has(e.node.id)).map((e) => ({ part, cursor: e.cursor, row: e.node }))
  }

  #append(part: Part, p: Page<R>): void {
    let rows = [...this.#state.rows, ...this.#fresh(part, p)]
    let { base, above } = this.#state
    const below = p.hasNextPage ? { ...end(part), cursor: p.endCursor } : part === 'newer' ? end('older') : end('older', true)
    const drop = rows.length - this.most
    if (drop > 0) {
      rows = rows.slice(drop)
      base += drop
      above = { ...end(rows[0]!.part), cursor: rows[0]!.cursor }
    }
    this.#set({ rows, base, above, below, ready: true })
  }

  #prepend(part: Part, p: Page<R>): void {
    const fresh = this.#fresh(part, p)
    let rows = [...fresh, ...this.#state.rows]
    let { below } = this.#state
    const above = p.hasPreviousPage ? { ...end(part), cursor: p.startCursor } : part === 'older' && this.parted ? end('newer') : end(part, true)
    if (rows.length > this.most) {
      rows = rows.slice(0, this.most)
      const last = rows.at(-1)!
      below = { ...end(last.part), cursor: last.cursor }
    }
    this.#set({ rows, base: this.#state.base - fresh.length, above, below })
  }

  /** Begins anew; what is shown stays until the answer is there. Says whether it came. */
  async again(): Promise<boolean> {
    const round = ++this.#round
    const { above, below } = this.#state
    this.#set({ above: { ...above, reading: false }, below: { ...below, reading: true, trouble: null } })
    const answer = await this.read('older', { first: this.page, after: null })
    if (this.#over || round !== this.#round) return false
    if ('kind' in answer) {
      this.#set({ below: { ...below, reading: false, trouble: answer } })
      return false
    }
    this.#state = this.#empty()
    this.#append('older', answer)
    if (answer.edges.length === 0) void this.grow('below')
    return true
  }

  /** Rows that changed, in their place; those that are not loaded are left out. */
  update(changed: readonly R[]): void {
    const by = new Map(changed.map((r) => [r.id, r]))
    if (!this.#state.rows.some((r) => by.has(r.row.id))) return
    this.#set({ rows: this.#state.rows.map((r) => (by.has(r.row.id) ? { ...r, row: by.get(r.row.id)! } : r)) })
  }

  has(id: string): boolean {
    return this.#state.rows.some((r) => r.row.id === id)
  }

  close(): void {
    this.#over = true
  }
}
