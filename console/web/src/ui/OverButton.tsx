import { Button, type ButtonProps, type PopoverProps } from '@mantine/core'
import { lazy, Suspense, useRef, useState, type ReactNode, type Ref } from 'react'
import { useMergedRef } from '@mantine/hooks'

const Over = lazy(() => import('./Over.tsx'))

type Props = { opened: boolean; onOpened: (opened: boolean) => void; over: ReactNode; label: string; position: NonNullable<PopoverProps['position']>; width?: number; ref?: Ref<HTMLButtonElement>; children: ReactNode; 'aria-keyshortcuts'?: string } & Pick<ButtonProps, 'leftSection' | 'className'>

/** A button at which something opens. What that needs is read at the first press, for it is much. */
export function OverButton({ opened, onOpened, over, label, position, width, ref, ...props }: Props) {
  const [used, setUsed] = useState(opened)
  if (opened && !used) setUsed(true)
  const button = useRef<HTMLButtonElement>(null)
  const target = <Button ref={useMergedRef(button, ref)} variant="default" aria-haspopup="dialog" aria-expanded={opened} onClick={() => onOpened(!opened)} {...props} />
  if (!used) return target
  return (
    <Suspense fallback={target}>
      <Over opened={opened} onChange={onOpened} position={position} {...(width ? { width } : {})} label={label} button={button} target={target}>
        {opened && over}
      </Over>
    </Suspense>
  )
}
