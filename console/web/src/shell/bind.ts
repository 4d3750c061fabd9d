import { getHotkeyManager, getSequenceManager, type RegisterableHotkey } from '@tanstack/react-hotkeys'

const key = (k: string): RegisterableHotkey => (k === '?' ? { key: '?' } : (k as RegisterableHotkey))

/** Binds a key, or a sequence of keys, and returns what ends that. */
export function bind(keys: readonly string[], run: () => void): () => void {
  const [first, ...then] = keys.map(key)
  const handle =
    then.length > 0
      ? getSequenceManager().register([first!, ...then] as Parameters<ReturnType<typeof getSequenceManager>['register']>[0], run)
      : getHotkeyManager().register(first!, run, { conflictBehavior: 'allow' })
  return () => handle.unregister()
}
