import { ask } from '../api/ask.ts'
import { graphql, type FragmentOf } from '../api/graphql.ts'

/** A workspace, or an organisation, that has the app. */
export const WorkspaceRow = graphql(`
  fragment WorkspaceRow on SlackWorkspace {
    id
    slackId
    name
    domain
    organization
    installedAt
    waiting
    removed
    acceptedBy
    acceptedAt
    missingScopes
    offeredWebhook { channel integration { id name } }
  }
`)

export type WorkspaceRow = FragmentOf<typeof WorkspaceRow>

/** A tie between a Slack account and a person. */
export const SlackLinkRow = graphql(`
  fragment SlackLinkRow on SlackLink {
    id
    slackUserId
    slackName
    slackEmail
    status
    waitsBecause
    createdAt
    user { id name email }
    workspace { id name domain slackId }
  }
`)

export type SlackLinkRow = FragmentOf<typeof SlackLinkRow>

export const ReadSlack = graphql(
  `
    query ReadSlack {
      slackApp { manifest missingSettings }
      waitingWorkspaces: slackWorkspaces(waiting: true, first: 50) { nodes { ...WorkspaceRow } pageInfo { hasNextPage } }
      workspaces: slackWorkspaces(waiting: false, first: 50) { nodes { ...WorkspaceRow } pageInfo { hasNextPage } }
      waitingLinks: slackLinks(filter: { status: WAITING }, first: 50) { nodes { ...SlackLinkRow } pageInfo { hasNextPage } }
    }
  `,
  [WorkspaceRow, SlackLinkRow],
)

export const ReadSlackLinks = graphql(
  `
    query ReadSlackLinks($after: String) {
      slackLinks(filter: { status: LINKED }, first: 50, after: $after) {
        nodes { ...SlackLinkRow }
        pageInfo { endCursor hasNextPage }
      }
    }
  `,
  [SlackLinkRow],
)

/** What ends with a workspace: how many links, and which integrations. */
export const ReadEnding = graphql(`
  query ReadEnding($id: ID!) {
    node(id: $id) { __typename id ... on SlackWorkspace { linkCount } }
    integrations(first: 100) { nodes { id name slackChannel { workspace { id } } } pageInfo { hasNextPage } }
  }
`)

const ReadWorkspace = graphql(`query ReadSlackWorkspace($id: ID!) { node(id: $id) { __typename id ... on SlackWorkspace { waiting removed } } }`)

/** A workspace as it is now; undefined where that can't be told. */
export async function readWorkspace(id: string): Promise<{ waiting: boolean; removed: boolean } | undefined> {
  const { data, error } = await ask(ReadWorkspace, { id })
  if (error || !data) return undefined
  return data.node?.__typename === 'SlackWorkspace' ? data.node : { waiting: false, removed: true }
}

const ReadLink = graphql(`query ReadSlackLink($id: ID!) { node(id: $id) { __typename id ... on SlackLink { status } } }`)

/** Whether a link may be used, waits, or is gone (null); undefined where that can't be told. */
export async function readLink(id: string): Promise<SlackLinkRow['status'] | null | undefined> {
  const { data, error } = await ask(ReadLink, { id })
  if (error || !data) return undefined
  return data.node?.__typename === 'SlackLink' ? data.node.status : null
}

export const AcceptWorkspace = graphql(`
  mutation AcceptWorkspace($input: AcceptSlackWorkspaceInput!) {
    result: acceptSlackWorkspace(input: $input) { workspace { id waiting } userErrors { code field message } }
  }
`)

export const RemoveWorkspace = graphql(`
  mutation RemoveWorkspace($input: RemoveSlackWorkspaceInput!) {
    result: removeSlackWorkspace(input: $input) { workspace { id removed } userErrors { code field message } }
  }
`)

export const AgreeLink = graphql(`
  mutation AgreeLink($input: AgreeSlackLinkInput!) {
    result: agreeSlackLink(input: $input) { link { id status } userErrors { code field message } }
  }
`)

export const RemoveLink = graphql(`
  mutation RemoveSlackAccount($input: RemoveSlackLinkInput!) {
    result: removeSlackLink(input: $input) { removedSlackLinkId userErrors { code field message } }
  }
`)

export const StartInstall = graphql(`
  mutation StartInstall {
    result: startSlackInstall { url userErrors { code field message } }
  }
`)
