import { Popover, type PopoverProps } from '@mantine/core'
import { useLayoutEffect, type ReactNode, type RefObject } from 'react'

type Props = { opened: boolean; onChange: (opened: boolean) => void; position: NonNullable<PopoverProps['position']>; width?: number; label: string; button: RefObject<HTMLButtonElement | null>; target: ReactNode; children: ReactNode }

/** What opens over the page at a button. */
export default function Over({ opened, onChange, position, width, label, button, target, children }: Props) {
  // The button that was pressed had the focus, and this one takes its place.
  useLayoutEffect(() => {
    if (document.activeElement === document.body) button.current?.focus()
  }, [button])
  return (
    <Popover opened={opened} onChange={onChange} position={position} {...(width ? { width } : {})} trapFocus returnFocus shadow="md">
      <Popover.Target>{target}</Popover.Target>
      <Popover.Dropdown aria-label={label}>{children}</Popover.Dropdown>
    </Popover>
  )
}
