import { client } from '../api/client.ts'
import { graphql, type FragmentOf } from '../api/graphql.ts'

/** A person as the list shows them. */
export const PersonRow = graphql(`
  fragment PersonRow on User {
    id
    name
    email
    role
    disabled
    lastSeenAt
    slackLinks { id }
    directory { removed }
  }
`)

export type PersonRow = FragmentOf<typeof PersonRow>

/** A person as their own page shows them. */
export const PersonDetail = graphql(`
  fragment PersonDetail on User {
    id
    name
    email
    role
    disabled
    federated
    createdAt
    lastSeenAt
  }
`)

export type PersonDetail = FragmentOf<typeof PersonDetail>

/** Where a person belongs: their groups, manager and other accounts, and who keeps them. */
export const PersonPlace = graphql(`
  fragment PersonPlace on User {
    groups(first: 100) {
      nodes { source counts countsUntil since by { actorId name } group { id name } }
      pageInfo { hasNextPage }
    }
    version
    manager { userId name email disabled counts since by { actorId name } }
    directory { userName externalId employeeNumber active removed createdAt changedAt }
    handedOver
    otherAccounts { id name email disabled }
    hasManyAccounts
    separation { employeeNumber since by { actorId name } }
    disabledBy
    enablingRefusedBecause
  }
`)

export type PersonPlace = FragmentOf<typeof PersonPlace>

/** A person with all that the forms of their page need. */
export type PersonShown = PersonDetail & PersonPlace

export const SessionRow = graphql(`
  fragment SessionRow on Session { id createdAt lastSeenAt expiresAt current }
`)

export type SessionRow = FragmentOf<typeof SessionRow>

export const TokenRow = graphql(`
  fragment TokenRow on Token { id name scopes createdAt expiresAt lastUsedAt current }
`)

export type TokenRow = FragmentOf<typeof TokenRow>

export const LinkRow = graphql(`
  fragment LinkRow on SlackLink { id status waitsBecause slackUserId slackName slackEmail createdAt workspace { id name } }
`)

export type LinkRow = FragmentOf<typeof LinkRow>

export const ServiceRow = graphql(
  `
    fragment ServiceRow on ServiceAccount {
      id
      name
      disabled
      createdAt
      worksHere
      tokens(first: 20) {
        nodes { ...TokenRow }
        pageInfo { hasNextPage }
      }
    }
  `,
  [TokenRow],
)

export type ServiceRow = FragmentOf<typeof ServiceRow>

export const CreateUser = graphql(
  `
    mutation CreateUser($input: CreateUserInput!) {
      result: createUser(input: $input) {
        user { ...PersonDetail }
        oneTimePassword
        userErrors { code field message }
      }
    }
  `,
  [PersonDetail],
)

export const UpdateUser = graphql(
  `
    mutation UpdateUser($input: UpdateUserInput!) {
      result: updateUser(input: $input) {
        user { ...PersonDetail }
        userErrors { code field message }
      }
    }
  `,
  [PersonDetail],
)

export const SetUserRole = graphql(
  `
    mutation SetUserRole($input: SetUserRoleInput!) {
      result: setUserRole(input: $input) {
        user { ...PersonDetail }
        userErrors { code field message }
      }
    }
  `,
  [PersonDetail],
)

export const DisableUser = graphql(
  `
    mutation DisableUser($input: DisableUserInput!) {
      result: disableUser(input: $input) {
        user { ...PersonDetail }
        userErrors { code field message }
      }
    }
  `,
  [PersonDetail],
)

export const EnableUser = graphql(
  `
    mutation EnableUser($input: EnableUserInput!) {
      result: enableUser(input: $input) {
        user { ...PersonDetail }
        userErrors { code field message }
      }
    }
  `,
  [PersonDetail],
)

export const SetManager = graphql(`
  mutation SetManager($input: SetManagerInput!) {
    result: setManager(input: $input) {
      user { id }
      userErrors { code field message }
    }
  }
`)

export const JoinUsers = graphql(`
  mutation JoinUsers($input: JoinUsersInput!) {
    result: joinUsers(input: $input) {
      user { id }
      userErrors { code field message }
    }
  }
`)

export const SeparateUser = graphql(`
  mutation SeparateUser($input: SeparateUserInput!) {
    result: separateUser(input: $input) {
      user { id }
      userErrors { code field message }
    }
  }
`)

export const HandOverUser = graphql(`
  mutation HandOverUser($input: HandOverUserInput!) {
    result: handOverUser(input: $input) {
      user { id }
      userErrors { code field message }
    }
  }
`)

export const ResetPassword = graphql(`
  mutation ResetPassword($input: ResetPasswordInput!) {
    result: resetPassword(input: $input) {
      oneTimePassword
      userErrors { code field message }
    }
  }
`)

export const EndSession = graphql(`
  mutation EndSession($input: EndSessionInput!) {
    result: endSession(input: $input) {
      endedSessionId
      userErrors { code field message }
    }
  }
`)

export const EndSessions = graphql(`
  mutation EndSessions($input: EndSessionsInput!) {
    result: endSessions(input: $input) {
      endedCount
      userErrors { code field message }
    }
  }
`)

export const CreateToken = graphql(
  `
    mutation CreateToken($input: CreateTokenInput!) {
      result: createToken(input: $input) {
        token { ...TokenRow }
        secret
        userErrors { code field message }
      }
    }
  `,
  [TokenRow],
)

export const RevokeToken = graphql(`
  mutation RevokeToken($input: RevokeTokenInput!) {
    result: revokeToken(input: $input) {
      revokedTokenId
      userErrors { code field message }
    }
  }
`)

export const RemoveLink = graphql(`
  mutation RemoveLink($input: RemoveSlackLinkInput!) {
    result: removeSlackLink(input: $input) {
      userErrors { code field message }
    }
  }
`)

export const CreateServiceAccount = graphql(`
  mutation CreateServiceAccount($input: CreateServiceAccountInput!) {
    result: createServiceAccount(input: $input) {
      serviceAccount { id name }
      userErrors { code field message }
    }
  }
`)

export const DisableServiceAccount = graphql(`
  mutation DisableServiceAccount($input: DisableServiceAccountInput!) {
    result: disableServiceAccount(input: $input) {
      serviceAccount { id disabled }
      userErrors { code field message }
    }
  }
`)

export const EnableServiceAccount = graphql(`
  mutation EnableServiceAccount($input: EnableServiceAccountInput!) {
    result: enableServiceAccount(input: $input) {
      serviceAccount { id disabled }
      userErrors { code field message }
    }
  }
`)

const ReadCreated = graphql(`
  query ReadCreatedHere($kind: CreatedKind!, $key: String!) {
    created(kind: $kind, idempotencyKey: $key) { __typename id }
  }
`)

/** The ID of what a call whose answer was lost has made; undefined where that can't be told, null where it made nothing. */
export async function readCreated(kind: 'USER' | 'SERVICE_ACCOUNT' | 'TOKEN', key: string): Promise<string | null | undefined> {
  const { data, error } = await client.query(ReadCreated, { kind, key }, { requestPolicy: 'network-only' }).toPromise()
  return error || !data ? undefined : (data.created?.id ?? null)
}

const ReadOne = graphql(
  `
    query ReadOne($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on User { ...PersonDetail ...PersonPlace }
        ... on ServiceAccount { disabled }
      }
    }
  `,
  [PersonDetail, PersonPlace],
)

const readOne = (id: string) => client.query(ReadOne, { id }, { requestPolicy: 'network-only' }).toPromise()

/** Whether something holds of a person as they are now; undefined where that can't be told. */
export async function holdsOf(id: string, f: (is: PersonShown) => boolean): Promise<boolean | undefined> {
  const { data, error } = await readOne(id)
  if (error || !data) return undefined
  return data.node?.__typename === 'User' && f(data.node)
}

/** Whether a service account is disabled; undefined where that can't be told. */
export async function isDisabled(id: string): Promise<boolean | undefined> {
  const { data, error } = await readOne(id)
  return error || data?.node?.__typename !== 'ServiceAccount' ? undefined : data.node.disabled
}

/** Whether a session, a token or a link is gone; undefined where that can't be told. */
export async function isGone(id: string): Promise<boolean | undefined> {
  const { data, error } = await readOne(id)
  return error || !data ? undefined : data.node === null
}
