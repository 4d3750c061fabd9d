import { IconApi, IconBrandSlack, IconChartBar, IconHome, IconInbox, IconKey, IconListSearch, IconPlugConnected, IconServer, IconShieldCheck, IconUserCircle, IconUsers, IconUsersGroup } from '@tabler/icons-react'

/** The pages, in the order of the navigation. */
export const everybody = [
  { to: '/', label: 'Home', icon: IconHome },
  { to: '/requests', label: 'Requests', icon: IconInbox, count: 'waiting' },
  { to: '/ask', label: 'Ask for access', short: 'Ask', icon: IconKey },
] as const

export const administrators = [
  { to: '/catalog', label: 'Catalog', icon: IconServer },
  { to: '/integrations', label: 'Integrations', icon: IconPlugConnected, count: 'broken' },
  { to: '/slack', label: 'Slack', icon: IconBrandSlack },
  { to: '/people', label: 'People', icon: IconUsers },
  { to: '/groups', label: 'Groups', icon: IconUsersGroup },
  { to: '/policies', label: 'Policies', icon: IconShieldCheck },
  { to: '/overview', label: 'Overview', icon: IconChartBar },
  { to: '/audit', label: 'Audit', icon: IconListSearch },
] as const

/** What stands at the foot of the navigation, for everybody. */
export const foot = [
  { to: '/api', label: 'API', icon: IconApi },
  { to: '/profile', label: 'My profile', short: 'Profile', icon: IconUserCircle },
] as const
