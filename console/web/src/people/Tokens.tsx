import { Badge, Button, Group, Text, Title } from '@mantine/core'
import { lazy, Suspense, useRef, useState, type ReactNode } from 'react'
import { useChange } from '../api/change.ts'
import { useConnection } from '../api/connection.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Confirm } from '../ui/Confirm.tsx'
import { Time } from '../ui/Time.tsx'
import { isGone, RevokeToken, type TokenRow } from './operations.ts'
import classes from './people.module.css'
import { formErrors } from './rules.ts'

const TokenForm = lazy(async () => ({ default: (await import('./TokenForm.tsx')).TokenForm }))

/** As whom a token acts that is to be made: the viewer, or a service account. */
export type Owner = { kind: 'self' } | { kind: 'service'; id: string; name: string }

/** API tokens, of which each can be revoked; made are they where there is an owner. */
export function Tokens({ tokens, owner, again, order = 2, id = 'tokens', children }: { tokens: readonly TokenRow[]; owner: Owner | null; again: () => unknown; order?: 2 | 3; id?: string; children?: ReactNode }) {
  const { live } = useConnection()
  const [making, setMaking] = useState(false)
  const [revoking, setRevoking] = useState<TokenRow | null>(null)
  const make = useRef<HTMLButtonElement>(null)
  return (
    <section aria-labelledby={id}>
      <Group p="md" justify="space-between">
        <Title order={order} id={id}>
          Tokens
        </Title>
        {owner && (
          <Button ref={make} variant="default" onClick={() => setMaking(true)}>
            Make a token…
          </Button>
        )}
      </Group>
      {tokens.length === 0 ? (
        <Text px="md" pb="md" c="dimmed">
          There is no token.
        </Text>
      ) : (
        <ul className={classes['list']}>
          {tokens.map((t) => (
            <li key={t.id} className={classes['row']}>
              <div className={classes['main']}>
                <Text fw={600}>
                  <bdi>{t.name}</bdi>
                </Text>
                <Group gap={6} my={4}>
                  {t.scopes.map((s) => (
                    <Badge key={s} className="chip mono" variant="light" color="over" tt="none" radius="sm">
                      {s}
                    </Badge>
                  ))}
                </Group>
                <Text size="sm" c="dimmed">
                  Made <Time at={t.createdAt} as="moment" /> · ends <Time at={t.expiresAt} as="moment" /> · {t.lastUsedAt ? <>last used <Time at={t.lastUsedAt} /></> : 'not used yet'}
                </Text>
              </div>
              <ActButton variant="default" off={!live} onClick={() => setRevoking(t)} aria-label={`Revoke: ${t.name}`}>
                Revoke…
              </ActButton>
            </li>
          ))}
        </ul>
      )}
      {children}
      <Suspense>
        {making && owner && (
          <TokenForm
            owner={owner}
            again={again}
            onClose={() => {
              setMaking(false)
              setTimeout(() => make.current?.focus())
            }}
          />
        )}
      </Suspense>
      {revoking && <Revoke token={revoking} again={again} onClose={() => setRevoking(null)} />}
    </section>
  )
}

function Revoke({ token: t, again, onClose }: { token: TokenRow; again: () => unknown; onClose: () => void }) {
  const change = useChange(RevokeToken, { holds: () => isGone(t.id), notDone: 'This did not arrive, and the token is still good. Try again.', at: formErrors, again })
  const revoke = async () => {
    if ((await change.send({ tokenId: t.id }))?.is === 'done') onClose()
  }
  return (
    <Confirm title={`Revoke “${t.name}”?`} act={`Revoke ${t.name}`} change={change} onAct={() => void revoke()} onClose={onClose}>
      <Text>
        It opens nothing from now on, and what is open by it ends within seconds. {t.lastUsedAt ? <>It was last used <Time at={t.lastUsedAt} />.</> : 'It was not used yet.'} Tokens that its person made with it end, too.
      </Text>
    </Confirm>
  )
}
