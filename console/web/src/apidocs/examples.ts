import guide from '../../../../docs/api.md?raw'

// The examples are those of docs/api.md, which tests run as they stand there. They are found
// by a few words that are in no other one.

export type Example = { title: string; about: string; code: string }

const chosen: { title: string; about: string; has: string }[] = [
  { title: 'Say who is calling', about: 'Every call carries a token in its header. Make one with “procyon token create”, or with the mutation createToken.', has: '{ viewer { name role } }' },
  { title: 'Ask for access', about: 'Find what you need, and ask for it.', has: 'Look at the dashboards' },
  { title: 'See what can be done', about: 'What you can do with a request, and why not.', has: '{ approvers viewerActions' },
  { title: 'Find requests', about: 'Lists are narrowed, and read page by page.', has: 'query LastMonthsDenials' },
  { title: 'How it goes, in numbers', about: 'For administrators: what waits, what was decided and how fast, and whether notifications arrive.', has: 'query HowItGoes' },
  { title: 'Follow what happens, and miss nothing', about: 'A subscription that resumes where it was, across restarts of either side (Node.js, npm install graphql graphql-sse).', has: "from 'graphql-sse'" },
]

/** The code between fences that has some words. */
function blocksWith(has: string): string[] {
  return [...guide.matchAll(/^```(?:sh|graphql|js)\b[^\n]*\n([\s\S]*?)^```$/gm)].map((m) => m[1] ?? '').filter((code) => code.includes(has))
}

/** As somebody calls this server with a token of theirs. */
function here(code: string, origin: string): string {
  return code
    .replaceAll(/^as \$\w+ /gm, `curl -sS ${origin}/graphql -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' --data `)
    .replaceAll('http://127.0.0.1:8080', origin)
    .replaceAll('https://procyon.example.com', origin)
    .replaceAll('Bearer $DEV', 'Bearer $TOKEN')
    .trimEnd()
}

/** The examples for a server; what the guide has not (any more) is left out, which a test forbids. */
export const examples = (origin: string): Example[] =>
  chosen.flatMap(({ title, about, has }) => {
    const [code] = blocksWith(has)
    return code === undefined ? [] : [{ title, about, code: here(code, origin) }]
  })

/** How often the guide has each of them. */
export const occurrences = (): number[] => chosen.map(({ has }) => blocksWith(has).length)
