import { Badge } from '@mantine/core'
import { IconAlertTriangle, IconArrowForwardUp, IconCheck, IconClock, IconPlayerPause, IconX } from '@tabler/icons-react'
import { deliveryStates } from '../ui/words.ts'
import { states } from './rules.ts'
import type { DeliveryStatus, IntegrationStatus } from './search.ts'

const icons = { ENABLED: IconCheck, DISABLED: IconPlayerPause, BROKEN: IconAlertTriangle, PENDING: IconClock, DELIVERED: IconCheck, DEAD: IconX, SUPERSEDED: IconArrowForwardUp } as const

/** How an integration, or a delivery, stands: icon and word. */
export function StateBadge({ of }: { of: IntegrationStatus | DeliveryStatus }) {
  const { word, tone } = of in states ? states[of as IntegrationStatus] : deliveryStates[of as DeliveryStatus]
  const Icon = icons[of]
  return (
    <Badge variant="light" color={tone} tt="none" size="lg" radius="xl" fw={600} fz="xs" leftSection={<Icon size={14} aria-hidden />} style={{ flex: 'none' }}>
      {word}
    </Badge>
  )
}
