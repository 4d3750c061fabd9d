import { useChange } from '../api/change.ts'
import { readIntegration, UpdateIntegration, type IntegrationDetail } from './operations.ts'
import { formErrors } from './rules.ts'

/** Whether an integration is as wanted; undefined where that can't be told. */
export async function holds(id: string, f: (is: IntegrationDetail) => boolean | undefined): Promise<boolean | undefined> {
  const is = await readIntegration(id)
  return is === undefined ? undefined : is !== null && f(is)
}

/** Has an integration that is broken or disabled work again: what waits for it is sent then. */
export function useEnable(i: IntegrationDetail, again: () => void) {
  const change = useChange(UpdateIntegration, { holds: () => holds(i.id, (is) => is.status === 'ENABLED'), notDone: 'This did not arrive, and it is as before. Try again.', at: formErrors, again })
  return { ...change, enable: () => change.send({ integrationId: i.id, enabled: true }) }
}
