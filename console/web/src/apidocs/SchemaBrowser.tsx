import { Badge, Stack, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { Trouble } from '../api/trouble.ts'
import { useLetter } from '../shell/keys.ts'
import { Link } from '../ui/Link.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import classes from './apidocs.module.css'
import { find, groups, named, readSchema, typeWords, type Argument, type Field, type Schema, type Type, type TypeRef } from './schema.ts'
import type { Place } from './search.ts'

type Props = { place: Place; to: (next: Place, replace?: boolean) => void }

/** The schema as the server describes it: all types, and what is found in them. */
export default function SchemaBrowser({ place, to }: Props) {
  const [schema, setSchema] = useState<Schema | null>(null)
  const [wrong, setWrong] = useState<Trouble | null>(null)
  const read = async () => {
    setWrong(null)
    const answer = await readSchema()
    if ('kind' in answer) setWrong(answer)
    else setSchema(answer)
  }
  useEffect(() => void read(), [])
  if (wrong) return <Failure what="The schema could not be read" trouble={wrong} again={() => void read()} />
  if (!schema) return <Loading rows={6} />
  return <Shown schema={schema} place={place} to={to} />
}

function Shown({ schema, place, to }: Props & { schema: Schema }) {
  const [typed, setTyped] = useState(place.words ?? '')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => setTyped((t) => (t.trim() === (place.words ?? '') ? t : (place.words ?? ''))), [place.words])
  const look = useDebouncedCallback((v: string) => to({ tab: 'schema', ...(place.type ? { type: place.type } : {}), ...(v.trim() ? { words: v.trim() } : {}) }, true), 200)
  useLetter('/', () => field.current?.focus())
  const type = schema.get(place.type ?? 'Query')
  return (
    <div className={classes['columns']}>
      <nav className={`card ${classes['part']}`} aria-label="Types">
        <Stack gap="sm">
          <TextInput
            ref={field}
            label="Find in the schema"
            leftSection={<IconSearch size={16} aria-hidden />}
            aria-keyshortcuts="/"
            value={typed}
            maxLength={200}
            onChange={(e) => {
              setTyped(e.currentTarget.value)
              look(e.currentTarget.value)
            }}
          />
          <div className={classes['index']} tabIndex={-1}>
            {place.words ? <Found schema={schema} words={place.words} /> : <Index schema={schema} here={type?.name} />}
          </div>
        </Stack>
      </nav>
      <section className={`card ${classes['part']}`} aria-label={type ? type.name : 'Type'}>
        {type ? <TypeView type={type} schema={schema} /> : <Empty>There is no type of this name.</Empty>}
      </section>
    </div>
  )
}

function Index({ schema, here }: { schema: Schema; here: string | undefined }) {
  return groups(schema).map((g) => (
    <div key={g.title}>
      <Text size="sm" fw={600} c="dimmed" px="xs" pt="sm">
        {g.title}
      </Text>
      <ul className={classes['list']}>
        {g.types.map((t) => (
          <li key={t.name}>
            <Link to="/api" search={{ tab: 'schema', type: t.name }} resetScroll={false} underline="never" className={classes['entry']} aria-current={t.name === here ? 'true' : undefined}>
              {t.name}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  ))
}

function Found({ schema, words }: { schema: Schema; words: string }) {
  const { hits, more } = find(schema, words)
  if (hits.length === 0) return <Empty>Nothing in the schema has these words.</Empty>
  return (
    <>
      <ul className={classes['list']} aria-label="Found">
        {hits.map((h) => (
          <li key={`${h.type}.${h.field ?? ''}`}>
            <Link to="/api" search={{ tab: 'schema', type: h.type, words }} hash={h.field} resetScroll={false} underline="never" className={classes['entry']}>
              {h.field ? `${h.type}.${h.field}` : h.type}
            </Link>
          </li>
        ))}
      </ul>
      {more && (
        <Text size="sm" c="dimmed" px="xs">
          There are more: give more words.
        </Text>
      )}
    </>
  )
}

const kinds: Record<Type['kind'], string> = { OBJECT: 'object', INTERFACE: 'interface', UNION: 'union', ENUM: 'enum', INPUT_OBJECT: 'input', SCALAR: 'scalar' }

function TypeView({ type, schema }: { type: Type; schema: Schema }) {
  const ref = (t: TypeRef) => <Ref of={t} schema={schema} />
  return (
    <Stack gap="sm">
      <Title order={2}>
        <span className="mono">{type.name}</span>{' '}
        <Badge variant="light" color="over" tt="none" component="span">
          {kinds[type.kind]}
        </Badge>
      </Title>
      {type.description && <Text><Marked>{type.description}</Marked></Text>}
      {(type.interfaces?.length ?? 0) > 0 && <Text size="sm">Is a {type.interfaces!.map((i, n) => <Comma key={i.name} n={n}>{ref({ kind: 'OBJECT', name: i.name })}</Comma>)}.</Text>}
      {(type.possibleTypes?.length ?? 0) > 0 && <Text size="sm">One of {type.possibleTypes!.map((i, n) => <Comma key={i.name} n={n}>{ref({ kind: 'OBJECT', name: i.name })}</Comma>)}.</Text>}
      <ul className={classes['fields']}>
        {type.fields?.map((f) => <FieldView key={f.name} field={f} schema={schema} />)}
        {type.inputFields?.map((f) => (
          <li key={f.name} id={f.name}>
            <Value of={f} schema={schema} />
          </li>
        ))}
        {type.enumValues?.map((v) => (
          <li key={v.name} id={v.name}>
            <span className="mono">{v.name}</span>
            <About>{v.description}</About>
          </li>
        ))}
      </ul>
    </Stack>
  )
}

function FieldView({ field, schema }: { field: Field; schema: Schema }) {
  return (
    <li id={field.name}>
      <span className="mono">
        {field.name}: <Ref of={field.type} schema={schema} />
      </span>
      {field.isDeprecated && <About>Deprecated: {field.deprecationReason}</About>}
      <About>{field.description}</About>
      {field.args.length > 0 && (
        <ul className={classes['args']} aria-label={`Arguments of ${field.name}`}>
          {field.args.map((a) => (
            <li key={a.name}>
              <Value of={a} schema={schema} />
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

function Value({ of, schema }: { of: Argument; schema: Schema }) {
  return (
    <>
      <span className="mono">
        {of.name}: <Ref of={of.type} schema={schema} />
        {of.defaultValue !== null && ` = ${of.defaultValue}`}
      </span>
      <About>{of.description}</About>
    </>
  )
}

/** A type, which leads to what it is. */
function Ref({ of, schema }: { of: TypeRef; schema: Schema }) {
  const name = named(of)
  if (!schema.has(name)) return typeWords(of)
  return (
    <Link underline="always" to="/api" search={{ tab: 'schema', type: name }} resetScroll={false}>
      {typeWords(of)}
    </Link>
  )
}

const Comma = ({ n, children }: { n: number; children: ReactNode }) => (
  <>
    {n > 0 && ', '}
    {children}
  </>
)

const About = ({ children }: { children: ReactNode }) =>
  children ? (
    <Text size="sm" c="dimmed">
      {typeof children === 'string' ? <Marked>{children}</Marked> : children}
    </Text>
  ) : null

/** A text in which backticks stand around code. */
const Marked = ({ children }: { children: string }) => children.split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))
