import { expect, test } from 'vitest'
import { pasted, placeOf } from './find.ts'

const origin = 'https://procyon.example.com'

test('an ID that was pasted leads to its place', () => {
  expect(pasted(' req_01a2235e62f17724a31e5e2f245f4c0f ', origin)).toEqual({ id: 'req_01a2235e62f17724a31e5e2f245f4c0f', path: '/requests/req_01a2235e62f17724a31e5e2f245f4c0f' })
  expect(pasted('usr_01a2235e62f17724a31e5e2f245f4c0f', origin)).toEqual({ id: 'usr_01a2235e62f17724a31e5e2f245f4c0f' })
  expect(placeOf('acc_0123456789', true)).toBe('/catalog?tab=accounts&open=acc_0123456789')
  expect(placeOf('gw_0123456789', true)).toBe('/catalog?tab=gateways&open=gw_0123456789')
  expect(placeOf('res_0123456789', true)).toBe('/catalog?open=res_0123456789')
  expect(placeOf('imp_0123456789', true)).toBe('/catalog/import?import=imp_0123456789')
  expect(placeOf('svc_0123456789', true)).toBe('/people?tab=services&account=svc_0123456789')
  expect(placeOf('usr_0123456789', true)).toBe('/people/usr_0123456789')
  expect(placeOf('grp_0123456789', true)).toBe('/groups/grp_0123456789')
  expect(placeOf('dlv_0123456789', true)).toBeNull()
})

test('who is no administrator is not led to a page that they can’t open', () => {
  expect(placeOf('acc_0123456789', false)).toBe('/requests?tab=history&account=acc_0123456789')
  expect(placeOf('res_0123456789', false)).toBe('/requests?tab=history&resource=res_0123456789')
  for (const id of ['gw_0123456789', 'grp_0123456789', 'imp_0123456789', 'wsp_0123456789']) expect(placeOf(id, false)).toBeNull()
})

test('an address of this console leads there, and none to elsewhere', () => {
  expect(pasted(`${origin}/requests/req_1?x=1`, origin)).toEqual({ path: '/requests/req_1?x=1' })
  expect(pasted(`${origin}//evil.example.com`, origin)).toEqual({ path: '/evil.example.com' })
  for (const s of [`${origin}.evil.example.com/x`, 'https://evil.example.com/requests', 'javascript:alert(1)', 'orders-db', 'req_', '', 'x'.repeat(5000)]) expect(pasted(s, origin)).toBeNull()
})
