import { graphql, type FragmentOf } from '../api/graphql.ts'

/** A request as lists show it. */
export const RequestRow = graphql(`
  fragment RequestRow on AccessRequest {
    id
    status
    version
    requester { userId name email }
    items { resourceId resourceName role resourceKind accountId accountName gatewayName }
    requestedDuration
    grantedDuration
    reason
    ticket
    startsAt
    grant { startsAt expiresAt }
    extension { duration reason requestedAt expiresAt }
    createdAt
    decideBy
    viewerCanReview
  }
`)

export type RequestRow = FragmentOf<typeof RequestRow>

/** A request as its own page and the panel of a decision show it. */
export const RequestDetail = graphql(
  `
    fragment RequestDetail on AccessRequest {
      ...RequestRow
      items { resourceId resourceName resourceNameWas role resourceKind accountId accountName accountNameWas gatewayName gatewayNameWas unavailable }
      droppedItems { resourceId resourceName role resourceKind accountName gatewayName }
      viewerCanReviewItems
      viewerSignsInToApprove
      outcome
      gone
      updatedAt
      endedBy { name }
      reviews {
        reviewer { userId name email via }
        decision
        comment
        duration
        covers
        without
        at
      }
    }
  `,
  [RequestRow],
)

export type RequestDetail = FragmentOf<typeof RequestDetail>
export type Item = RequestDetail['items'][number]

/** By what some items are decided together, and how that stands. */
export const TrackParts = graphql(`
  fragment TrackParts on Track {
    policyId
    policyName
    policyVersion
    resourceIds
    refusedBecause
    approveInConsole
    signInWithin
    guardrails
    steps {
      name
      need
      status
      lacking
      approvedBy
      guardrail
      approvers { approverId name by }
      escalated
      escalatesAt
      endsAt
    }
  }
`)
