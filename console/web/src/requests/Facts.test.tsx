import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { bo, request, review, show } from '../test/scene.tsx'
import { Facts } from './Facts.tsx'

test('what was said with a denial is said once, and nothing is to begin any more', () => {
  show(<Facts r={request({ status: 'DENIED', outcome: 'not now', reviews: [review(bo, 'DENY', 60, 'not now')] })} approvers={[]} />)
  expect(screen.getAllByText('not now')).toHaveLength(1)
  expect(screen.queryByText('as soon as it is approved')).toBeNull()
})

test('an outcome that no review says is said, and a pending request says when it begins', () => {
  show(<Facts r={request({ outcome: 'orders-db is gone' })} approvers={['Bo']} />)
  expect(screen.getByText('orders-db is gone')).toBeTruthy()
  expect(screen.getByText('as soon as it is approved')).toBeTruthy()
})

test('a review of some items names them, and what it left out', () => {
  const one = request().items[0]!
  const dropped = { ...one, resourceId: 'res_b', resourceName: 'bastion', role: null }
  show(<Facts r={request({ droppedItems: [dropped], reviews: [{ ...review(bo, 'APPROVE', 60), covers: ['res_db', 'res_b'], without: ['res_b'] }] })} approvers={[]} />)
  expect(screen.getByText(/^For$/).textContent).toBe('For orders-db reader and bastion')
  expect(screen.getByText(/^Left out:/).textContent).toBe('Left out: bastion')
})
