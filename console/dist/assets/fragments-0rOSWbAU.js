import{i as e}from"./viewer-DmFIvWOf.js";var t=e(`
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
`),n=e(`
    fragment RequestDetail on AccessRequest {
      ...RequestRow
      items { resourceId resourceName resourceNameWas role resourceKind accountId accountName accountNameWas gatewayName gatewayNameWas unavailable }
      outcome
      gone
      updatedAt
      endedBy { name }
      reviews {
        reviewer { userId name email via }
        decision
        comment
        duration
        at
      }
    }
  `,[t]);export{t as n,n as t};