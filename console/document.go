package console

import _ "embed" // the documents below

// The GraphQL documents that the pages run; a test checks them against the schema.
var (
	//go:embed query/viewer.graphql
	viewerDocument string
	//go:embed query/home.graphql
	homeDocument string
	//go:embed query/list.graphql
	listDocument string
	//go:embed query/request.graphql
	requestDocument string
	//go:embed query/review.graphql
	reviewDocument string
	//go:embed query/cancel.graphql
	cancelDocument string
	//go:embed query/close.graphql
	closeDocument string
	//go:embed query/revoke.graphql
	revokeDocument string
	//go:embed query/link.graphql
	linkDocument string
	//go:embed query/confirm.graphql
	confirmDocument string
	//go:embed query/slack.graphql
	slackDocument string
	//go:embed query/slackadmin.graphql
	slackAdminDocument string
	//go:embed query/unlink.graphql
	unlinkDocument string
	//go:embed query/agree.graphql
	agreeDocument string
	//go:embed query/takehook.graphql
	takeHookDocument string
	//go:embed query/slackinstall.graphql
	slackInstallDocument string
	//go:embed query/slackaccept.graphql
	slackAcceptDocument string
	//go:embed query/slackremove.graphql
	slackRemoveDocument string
	//go:embed query/slackwaiting.graphql
	slackWaitingDocument string
)
