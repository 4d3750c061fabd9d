package errorcode

var codes = []Code{
	{
		Name: "INVALID", Place: InBoth,
		Means: "A value is missing, malformed or out of range.",
		Do:    "Correct it: `field` of the failure, `path`, or `extensions.field` or `extensions.variable` of the error say which it is, and the message what is right.",
	},
	{
		Name: "NOT_FOUND", Place: InBoth,
		Means: "The object does not exist, or the caller may not see it. Which of these is not told.",
		Do:    "Check the ID, and who is calling.",
	},
	{
		Name: "DUPLICATE", Place: InPayload,
		Means: "It is there already: the name is taken, the account's ID at its provider is in the catalog, or an open request of the same person asks for all of it.",
		Do:    "Take what is there (`duplicateOf`), choose another name, or ask with `allowDuplicate: true`.",
	},
	{
		Name: "FORBIDDEN", Place: InBoth,
		Means: "The caller's role or the token's scopes do not allow this.",
		Do:    "Use a token with the scope that the schema's `@auth` names, or ask somebody who may. On a stream: what the caller may do has changed; sign in again.",
	},
	{
		Name: "CONFLICT", Place: InBoth,
		Means: "The state of things does not allow this, or no longer: somebody decided first, what the caller saw has changed, the idempotency key was used for something else, or what it rests on is gone.",
		Do:    "Read the message, show the person how things are now, and let them decide again. Never repeat it with the newest version unseen.",
	},
	{
		Name: "IN_USE", Place: InPayload,
		Means: "Others still use it: an account or gateway has resources, or open requests name a resource or a role.",
		Do:    "End those first, or give `endOpenRequests: true`.",
	},
	{
		Name: "LEASE", Place: InPayload,
		Means: "Another holder has the lease of the consumer, or it was lost.",
		Do:    "Stop what was done under the lease, and acquire it again.",
	},
	{
		Name: "SELF_REVIEW", Place: InPayload,
		Means: "A decision on one's own request.",
		Do:    "Somebody else has to decide.",
	},
	{
		Name: "LIMITED", Place: InPayload,
		Means: "The requester has as many requests open as one person may, or has asked too often within the hour.",
		Do:    "The message says which to end, or when to ask again.",
	},
	{
		Name: "UNAUTHENTICATED", Place: InErrors,
		Means: "There is no token or session, or not a good one. It was not looked at what else is wrong.",
		Do:    "Sign in, or send a token that is good.",
	},
	{
		Name: "BAD_REQUEST", Place: InErrors,
		Means: "This is no GraphQL request, or one by the wrong transport.",
		Do:    "Correct the client: the message says what is wrong.",
	},
	{
		Name: "GRAPHQL_PARSE_FAILED", Place: InErrors,
		Means: "The document is no GraphQL, or has too many tokens. Nothing was run.",
		Do:    "Correct the document at `locations`.",
	},
	{
		Name: "GRAPHQL_VALIDATION_FAILED", Place: InErrors,
		Means: "The document does not fit the schema. Nothing was run.",
		Do:    "Correct it: `locations` say where.",
	},
	{
		Name: "QUERY_TOO_LONG", Place: InErrors,
		Means: "The document has more bytes than are taken. Nothing was run.",
		Do:    "Put values into variables, and ask for less at a time.",
	},
	{
		Name: "QUERY_TOO_DEEP", Place: InErrors,
		Means: "Fields are nested too deeply. Nothing was run.",
		Do:    "Ask for what is further down by its own ID.",
	},
	{
		Name: "QUERY_TOO_COSTLY", Place: InErrors,
		Means: "The operation would cost more than one may; `extensions.cost` of other answers tells how it is counted. Nothing was run.",
		Do:    "Ask for fewer fields, or for shorter lists with `first` or `last`.",
	},
	{
		Name: "LIST_TOO_LONG", Place: InErrors,
		Means: "A list in an argument is too long. Nothing was run.",
		Do:    "Send it in parts.",
	},
	{
		Name: "TOO_MANY_ALIASES", Place: InErrors,
		Means: "Too many fields are renamed. Nothing was run.",
		Do:    "Send several operations.",
	},
	{
		Name: "TOO_MANY_DIRECTIVES", Place: InErrors,
		Means: "Too many directives are applied. Nothing was run.",
		Do:    "Send several operations.",
	},
	{
		Name: "TIMEOUT", Place: InErrors, Again: true,
		Means: "A query took longer than one may.",
		Do:    "Ask for less at a time, or again.",
	},
	{
		Name: "UNKNOWN_OUTCOME", Place: InErrors, Again: true,
		Means: "A mutation may have been carried out or not: something failed, or took too long, on the way.",
		Do:    "Ask again with the same `idempotencyKey`: nothing is done twice. Without a key, look at how things are before you ask again.",
	},
	{
		Name: "CURSOR_MISMATCH", Place: InBoth,
		Means: "The cursor is of another list, or of the same list with another filter, search, order or parent; a list's cursor was given to a stream, or the other way round; or it is none.",
		Do:    "Turn pages with the same arguments but `first` and `last`; give streams the `cursor` of events, consumers and journal entries.",
	},
	{
		Name: "CURSOR_EXPIRED", Place: InBoth,
		Means: "Another release gave the cursor out, in a format that is not read here.",
		Do:    "Begin anew, or from a position that you have kept otherwise.",
	},
	{
		Name: "JOURNAL_CHANGED", Place: InBoth,
		Means: "The journal has another entry at that place, or does not reach that far: a backup was restored, or this is another server's journal. Or a backup was restored while the server ran, which the message says.",
		Do:    "Look at what happened since the backup, then begin at `j0` or with the present; a consumer is reset by `resetTo`. A server that ran is to be restarted first.",
	},
	{
		Name: "NOT_SIGNED", Place: InErrors, Again: true,
		Means: "No signed checkpoint of the journal covers the request's last entry yet, and none is made for a receipt just now: the newest is less than a minute old, or too many entries are not signed yet.",
		Do:    "Ask again at the time in `extensions.retryAt`. Where it is not there, ask again in some minutes: the server signs meanwhile.",
	},
	{
		Name: "NO_SIGNING_KEY", Place: InErrors,
		Means: "This server signs no checkpoints, and so makes no receipts: it lacks the key that the store's are signed with, or its settings have it sign none.",
		Do:    "Ask whoever runs the server, whose log has the reason: they put the key file in place, or make the receipt with `procyon receipt`.",
	},
	{
		Name: "RECEIPT_TOO_LONG", Place: InErrors,
		Means: "The request has more entries, or longer ones, than a receipt over the API may have.",
		Do:    "Ask whoever runs the server to make it with `procyon receipt`.",
	},
	{
		Name: "TOO_MANY_OPERATIONS", Place: InErrors, Again: true,
		Means: "More operations at once on one WebSocket than it may have.",
		Do:    "Wait for some of them to end, or open another connection.",
	},
	{
		Name: "TOO_MANY_REQUESTS", Place: InErrors, Again: true,
		Means: "The caller, or their address, has too many requests under way; or too many receipts or exports are made at once.",
		Do:    "Wait as long as `Retry-After` says; where it is not there, until one of yours has ended.",
	},
	{
		Name: "TOO_MANY_CONNECTIONS", Place: InErrors, Again: true,
		Means: "The caller has too many WebSockets and event streams open.",
		Do:    "Close some, then connect again.",
	},
	{
		Name: "UNAVAILABLE", Place: InErrors, Again: true,
		Means: "The server, or its store, can't answer just now. What was to be changed was not.",
		Do:    "Try again soon: as `Retry-After` says, where it is there.",
	},
	{
		Name: "INTERRUPTED", Place: InErrors, Again: true,
		Means: "A stream of events ended before its end: the server restarts, or can't go on just now.",
		Do:    "Subscribe again from your last cursor.",
	},
	{
		Name: "EVENT_TOO_LONG", Place: InErrors,
		Means: "The next event, or the result, has more bytes than server-sent events carry. `extensions.cursor` is the event's.",
		Do:    "Select less, or use a WebSocket.",
	},
	{
		Name: "INTERNAL", Place: InErrors, Again: true,
		Means: "Our fault. The server's log has the reason under `extensions.id`.",
		Do:    "Try again in a moment. If it stays so, tell an administrator the ID.",
	},
}
