import { Button, Loader, type ButtonProps } from '@mantine/core'
import type { ComponentPropsWithRef } from 'react'

type Props = ButtonProps & Omit<ComponentPropsWithRef<'button'>, keyof ButtonProps> & { off?: boolean; busy?: boolean }

/**
 * A button that can be off and keeps the focus while it is: a press does nothing, and who
 * gets to it by keyboard learns that it is there. The reason stands beside it. While busy it
 * shows that its act is under way, and nothing moves.
 */
export function ActButton({ off = false, busy = false, onClick, children, type = 'button', ...props }: Props) {
  const quiet = off || busy
  return (
    <Button
      {...props}
      type={type}
      data-disabled={quiet || undefined}
      aria-disabled={quiet || undefined}
      aria-busy={busy || undefined}
      pos="relative"
      onClick={(e) => {
        if (quiet) e.preventDefault()
        else onClick?.(e)
      }}
    >
      {children}
      {busy && <Loader size={14} color="currentColor" pos="absolute" right={4} top={4} aria-hidden />}
    </Button>
  )
}
