import { Anchor, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import classes from './apidocs.module.css'
import { readSchema, type Type } from './schema.ts'

/** The codes of expected failures, each with the way to what it means and what to do. */
export default function ErrorCodes() {
  const [codes, setCodes] = useState<NonNullable<Type['enumValues']>>([])
  useEffect(() => void readSchema().then((s) => setCodes(('kind' in s ? null : s.get('UserErrorCode')?.enumValues) ?? [])), [])
  return (
    <section className={`card ${classes['part']}`} aria-label="Errors">
      <Stack gap="md">
        <Text>
          Every error has a code. What is expected to fail says so in <code>userErrors</code>, all else in <code>extensions.code</code>. <Anchor inherit underline="always" href="/errors">All codes, what they mean and what to do</Anchor>.
        </Text>
        <ul className={classes['codes']}>
          {codes.map((c) => (
            <li key={c.name}>
              <Anchor href={`/errors#${c.name}`} className="mono">
                {c.name}
              </Anchor>
              <Text size="sm" c="dimmed">
                {c.description}
              </Text>
            </li>
          ))}
        </ul>
      </Stack>
    </section>
  )
}
