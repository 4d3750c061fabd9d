import { graphql } from '../api/graphql.ts'
import { LinkRow, SessionRow, TokenRow } from '../people/operations.ts'

export const ReadProfile = graphql(
  `
    query ReadProfile($me: ID!) {
      viewer {
        userId
        user {
          id
          name
          email
          role
          federated
          timeZone
          sessions(first: 100) { nodes { ...SessionRow } }
          tokens(first: 100) { nodes { ...TokenRow } }
        }
      }
      slackLinks(filter: { userId: $me }, first: 20) { nodes { ...LinkRow } }
    }
  `,
  [LinkRow, SessionRow, TokenRow],
)

export const SetPassword = graphql(`
  mutation SetPassword($input: SetPasswordInput!) {
    result: setPassword(input: $input) {
      userErrors { code field message }
    }
  }
`)

export const SetTimeZone = graphql(`
  mutation SetTimeZone($input: SetTimeZoneInput!) {
    result: setTimeZone(input: $input) {
      user { id timeZone }
      userErrors { code field message }
    }
  }
`)

export const ReadTimeZone = graphql(`
  query ReadTimeZone {
    viewer { user { id timeZone } }
  }
`)
