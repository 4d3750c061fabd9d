import { IconHome, IconInbox, IconKey, IconListSearch, IconPlugConnected } from '@tabler/icons-react'

/** The pages, in the order of the navigation. */
export const everybody = [
  { to: '/', label: 'Home', icon: IconHome },
  { to: '/requests', label: 'Requests', icon: IconInbox, count: 'waiting' },
  { to: '/ask', label: 'Ask for access', short: 'Ask', icon: IconKey },
] as const

export const administrators = [
  { to: '/integrations', label: 'Integrations', icon: IconPlugConnected, count: 'broken' },
  { to: '/audit', label: 'Audit', icon: IconListSearch },
] as const
