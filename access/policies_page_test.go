package access

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each sentence and row of docs/policies.md, in its order, and the tests of which one would fail
// if it were not so: folder and name, and of a table of tests the case; of the console the file and
// the name. A sentence that is new or
// changes is looked at here.
func TestThePageOfPolicies(t *testing.T) {
	page, err := os.ReadFile("../docs/policies.md")
	if err != nil {
		t.Fatal(err)
	}
	said := sentences(string(page))
	for n, s := range pageOfPolicies {
		if n >= len(said) || said[n] != s.says {
			t.Fatalf("where the table has\n%s\nthe page says\n%s", s.says, append(said, "nothing")[min(n, len(said))])
		}
		for _, name := range strings.Split(s.tests, "; ") {
			folder, test, _ := strings.Cut(name, " ")
			if strings.HasSuffix(folder, ".tsx") { // of the console
				source, err := os.ReadFile(filepath.Join("..", folder))
				if err != nil || !strings.Contains(string(source), "test('"+test+"'") {
					t.Errorf("there is no test %s", name)
				}
				continue
			}
			test, which, ofTable := strings.Cut(test, "/")
			if source := testsOf(t, filepath.Join("..", folder)); !strings.Contains(source, "\nfunc "+test+"(t *testing.T)") || ofTable && !strings.Contains(source, `"`+which+`":`) {
				t.Errorf("there is no test %s", name)
			}
		}
	}
	if len(said) > len(pageOfPolicies) {
		t.Errorf("the table lacks %s", said[len(pageOfPolicies)])
	}
}

// sentences are those of a page, and the rows of its tables: what is neither a heading nor code.
func sentences(page string) (out []string) {
	code, head := false, false
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, "\n")
		row := strings.HasPrefix(line, "|")
		switch {
		case strings.HasPrefix(line, "```"):
			code = !code
		case code, line == "", strings.HasPrefix(line, "#"), strings.HasPrefix(line, "|---"), row && !head:
		case row:
			out = append(out, line)
		default:
			text := strings.ReplaceAll(strings.TrimPrefix(line, "- "), "**", "")
			for s := range strings.SplitSeq(strings.ReplaceAll(text, ". ", ".\n"), "\n") {
				out = append(out, s)
			}
		}
		head = row
	}
	return out
}

// testsOf is the text of a folder's tests.
func testsOf(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in %s: %v", folder, err)
	}
	var all strings.Builder
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	return all.String()
}

var pageOfPolicies = []struct{ says, tests string }{
	{`Policies say who can hold what, for how long, and who approves it.`, "access TestLife"},
	{`Guardrails are limits that hold for everybody.`, "policy TestGuardrails"},
	{"This page is the model, with an example; administrators save both as one set, over [GraphQL](api.md): `policySet` reads it, `setPolicies` puts another in its place, and `explainAccess` says what asking for something would lead to.", "graph TestPoliciesAreSavedWhole; graph TestAccessIsExplainedBeforehand; access TestTheExampleOfPolicies"},
	{"A new gateway begins with one policy, \"Everything else\": any administrator approves, one approval is enough, and the setting `PROCYON_MAX_DURATION` says how long.", "access TestWhatPoliciesSay/a new gateway: one administrator, and the setting says how long"},
	{`So does an older one after an upgrade: nothing changes until somebody saves a set.`, "access TestWhatPoliciesSay/a request of before is decided as before until a set is saved"},
	{`From then on the settings only cap what policies allow.`, "access TestWhatPoliciesSay/the settings cap what policies allow"},
	{`Policies are an ordered list.`, "policy TestPoliciesOfASet"},
	{`The first one that matches an item governs it, by who would hold it (people, groups, everyone) and by what it is (accounts, gateways, resources, kinds, roles, tags).`, "policy TestGoverning; policy TestPoliciesOfASet"},
	{`The last one is for everyone and everything, so that one governs whatever is asked for.`, "policy TestCheck"},
	{`What requesters choose beside the item has no part in it: duration, start, reason, ticket, and what else they ask for.`, "policy TestInvariants; access TestLife"},
	{`What the governing policy requires and a request lacks is refused, at the field; it never passes on to the next policy.`, "access TestWhatPoliciesSay/what the first policy requires is never passed on"},
	{`A policy can`, "access TestWhatPoliciesSay/cap the duration"},
	{`cap the duration, and how far ahead an access can start, and forbid extensions;`, "access TestWhatPoliciesSay/cap the duration; access TestWhatPoliciesSay/cap how far ahead it starts; access TestWhatPoliciesSay/forbid extensions"},
	{`ask for a reason of some length, or for a ticket that matches a pattern;`, "access TestWhatPoliciesSay/ask for a reason of some length; access TestWhatPoliciesSay/ask for a ticket"},
	{`take approvals in the console alone;`, "access TestWhatPoliciesSay/take approvals in the console alone"},
	{`keep from requesters who is asked;`, "access TestWhatPoliciesSay/keep from requesters who is asked"},
	{`refuse, with a reason.`, "access TestWhatPoliciesSay/refuse, with a reason"},
	{`Then nobody gets what it is for.`, "access TestWhatPoliciesSay/refuse, with a reason"},
	{`A policy that names something that was removed (a person, a group, an account, …) refuses what it is for, until an administrator edits it.`, "policy TestWhatIsGone; access TestWhatPoliciesSay/what names something that was removed refuses until it is edited"},
	{"In the console whoever deletes something, or disables a person, is told before which policies name it and what is refused from then on (`policiesNaming` over the API).", "graph TestWhatPoliciesNameIsRemoved; console/web/src/policies/breaks.test.tsx it is told before, and nothing where no policy names it"},
	{`What a directory removes is told afterwards: administrators see each broken policy above every page and in Slack.`, "graph TestWhatPoliciesNameIsRemoved"},
	{`A policy has up to five steps, in order.`, "policy TestCheck; policy TestStands"},
	{`A step needs a number of humans of its approvers: people, groups, the item's owners, the manager of who would hold it, the administrators.`, "policy TestPlannedSteps; policy TestApproved"},
	{`Administrators can approve only where they are named.`, "policy TestApproved; graph TestWhoSeesAndDecidesIsThePolicys"},
	{`Owners are those of the resource; where it has none, those of its account or gateway.`, "access TestWhatPoliciesSay/owners are the resource's, or else its account's"},
	{`One human counts once for an item, over all of its steps, by whichever of their accounts.`, "policy TestApproved; access TestAttacks/two accounts of one human decide two steps"},
	{`Nobody decides for themselves, by whichever of their accounts.`, "policy TestApproved; access TestAttacks/a second account decides"},
	{`A right that the reviewer, or who would hold the access, gave within the last day doesn't count.`, "policy TestApproved; access TestAttacks/a right given to an accomplice for an hour"},
	{`Who changed what allows an access within the last day (policies, tags, owners, their own groups) doesn't get it without another human's approval, where the policy needs nobody's.`, "policy TestWhoChangedWhatAllows; access TestAttacks/a membership given to oneself for what needs nobody; access TestAttacks/tags changed, used and put back"},
	{`A step that too few people could approve is refused when it is asked for.`, "policy TestAble; access TestAttacks/the only administrator asks; access TestAttacks/one human for two steps"},
	{`Where an approver of one step can use themselves up on a step before it, whoever saves the policy is warned.`, "policy TestCheck"},
	{`A policy without steps needs nobody: the request is approved at once.`, "access TestTheExampleOfPolicies"},
	{`Each item is decided by itself.`, "graph TestEachItemIsDecidedByItself; access TestAttacks/an owner of one item decides another"},
	{`The items of a request that have the same policy and the same approvers are a track.`, "policy TestPlan"},
	{`An approval covers the items whose present step its author may decide, of those that they were shown; it can leave some of these out, or allow a shorter time.`, "graph TestEachItemIsDecidedByItself; access TestAReviewOfWhatWasLeftOutGoes; access TestWhatBecomesTheReviewersUnseenIsNotDecided"},
	{`When all items have all that they need, the request is approved.`, "access TestTheExampleOfPolicies; graph TestEachItemIsDecidedByItself"},
	{`One denial denies all of it.`, "access TestWhatPoliciesSay/one denial denies all of it"},
	{`Time reminds, lets more people approve, or ends.`, "access TestReminders; access TestEscalation; access TestAStepThatEnds"},
	{`It never approves.`, "policy TestInvariants; access TestWhatTimeCannotDo/who asks approves as one who came"},
	{`A step waits from the moment that it is the present one of an item: since the request was asked or edited, since the step before it was met, or since who decides it changed.`, "access TestStepsWaitInTurn; access TestWhatTimeCannotDo/an edit of the request keeps it; access TestWhatTimeCannotDo/other approvers of the step keep it"},
	{`While it waits, a step can`, "graph TestWhatTimeDoesToSteps"},
	{"remind those who can approve it, every five minutes or more, ten times at most: `REMINDED`.", "access TestReminders; policy TestCheck/A step reminds every five minutes at most often."},
	{`They get a direct message in Slack, and channels show it;`, "slackbot TestSlackReminders"},
	{"let more people approve it, once it has waited for some time: `ESCALATED`.", "access TestEscalation"},
	{`Those of before still can.`, "access TestEscalation/those of before"},
	{`Who comes by it is judged as every approver is, and sees the request from then on;`, "access TestEscalation; access TestWhatTimeCannotDo/who put themselves into the escalation approves at once"},
	{"be over, once it has waited for some time: the request is `TIMED_OUT`, and an extension is denied while the access goes on.", "access TestAStepThatEnds"},
	{`Without that a request waits as long as the gateway's setting says.`, "graph TestStories"},
	{`Reminders that were due while no server ran are told as one.`, "access TestReminders"},
	{`Other times in a policy hold for what is asked from then on; other people that an escalation is for are a change in who decides.`, "access TestWhatTimeCannotDo/what concerns it not takes it away; access TestWhatTimeCannotDo/other approvers of the step keep it"},
	{`Each review, start and extension is judged by everything as it is at that moment: policies, guardrails, people, groups, owners, tags.`, "access TestPoliciesThatChangeUnderAReview; access TestLife"},
	{"Where what governs an item changed, its reviews are void: the request's event is `POLICY_CHANGED`, its version grows, and whoever decides by what they saw before is told so.", "graph TestPoliciesThatChangeWhileARequestWaits"},
	{`What was approved is frozen: its items, window, steps and who met them.`, "access TestWhatPoliciesSay/what was approved is frozen"},
	{`Only what is refused by then does not start and is not extended.`, "access TestAttacks/a policy is tightened before the access starts; access TestWhatPoliciesSay/what is refused by then is not extended"},
	{`Guardrails have no order: all that match an item hold, for everybody but those whom they except.`, "policy TestGuardrails; access TestWhatPoliciesSay/a guardrail holds for all but those whom it excepts"},
	{`They only tighten: one can refuse with a reason, cap the duration, take approvals in the console alone, or ask for one more step.`, "policy TestInvariants; access TestWhatPoliciesSay/a guardrail caps, and the shortest wins; access TestWhatPoliciesSay/a guardrail takes approvals in the console alone; access TestWhatPoliciesSay/a guardrail asks for one more step"},
	{`Where several cap the time, the shortest wins.`, "access TestWhatPoliciesSay/a guardrail caps, and the shortest wins"},
	{`A guardrail can also want a sign-in of late: whoever approves has signed in to the console within so many minutes, and the console leads them to sign in again where that was longer ago.`, "access TestASignInOfLate; graph TestASignInOfLate; console TestSignInAgain; console/web/src/requests/Decision.test.tsx where a sign-in of late is wanted, it leads there first, but not to deny"},
	{`To deny is always possible.`, "access TestASignInOfLate"},
	{"With single sign-on the identity provider has to say in the ID token when the person signed in there (`auth_time`); where it does not, nobody can approve by it, and the log says so.", "internal/app TestSSOAgain; auth TestSignedInAt; access TestASignInOfLate/not known"},
	{`Under Policies the console says who would be asked if somebody asked for some resources, each with one of its roles, for a time and from a moment on: by your draft, as if you had saved it, or by what is in force where you have none.`, "console/web/src/policies/policies.test.tsx is several resources, each with a role of its own, for a time, by the draft"},
	{"`explainAccess` is the same over the API, with `forUserId` and `draft`.", "graph TestAccessIsExplainedBeforehand"},
	{`Whoever brings a draft counts as who changed the policies: what they let themselves have asks for somebody else, as it would for a day.`, "graph TestADraftIsExplainedAsIfItWereSaved"},
	{`A rehearsal has policies decide the newest requests anew, up to 200: which another policy would govern, which others would have to approve, which would be refused, or no longer, and which nobody would have to approve.`, "access TestRehearsal; graph TestPoliciesAreRehearsed"},
	{`Both sides are judged by everything as it is now, so a request whose requester or things are gone is only counted.`, "access TestRehearsal"},
	{"`rehearsePolicies` changes nothing.", "graph TestPoliciesAreRehearsed"},
	{`Guardrails and policies are one set with one version; each change makes the next version, and none is lost.`, "graph TestTheVersionsOfThePolicies; graph TestTheSamePoliciesAreNoNewVersion"},
	{`In the console, Policies has them under Versions: who made each, when, through what, and what it changed, part by part, with what that was before.`, "console/web/src/policies/versions.test.tsx each version says who made it, through what, and what it changed"},
	{`Any two can be compared.`, "graph TestTheVersionsOfThePolicies; console/web/src/policies/versions.test.tsx a version says what each part was and is, and is compared with another"},
	{`What an old version named is called as it is now, or "(removed)" where it is no more.`, "graph TestTheVersionsOfThePolicies"},
	{`The first version is compared with what held before, which is what the settings say now.`, "graph TestTheVersionsOfThePolicies"},
	{`Start a draft from this version puts all that a version said into your draft, where it can be changed and tried; saved, it is a new version.`, "console/web/src/policies/versions.test.tsx a draft begins with what a version said, at the version in force"},
	{`What was removed since stands in the draft as wrong, for a policy can't name it any more.`, "graph TestPoliciesAreSavedWhole/an unknown group"},
	{"Over the API, `policyVersions` lists them, newest first, and `policyVersion(version:, comparedWith:)` has the changes between two and the whole of one:", "graph TestTheVersionsOfThePolicies; graph TestPagesOfVersions"},
	{"| Guardrail \"No writing by hand\" | all but the group DBA | role `writer` | refuses: \"Changes go through migrations.\" |", "access TestTheExampleOfPolicies"},
	{"| 1. \"Production\" | everyone | the account Production | 2 hours at most; a ticket such as `OPS-17`; step 1: an owner, step 2: an administrator |", "access TestTheExampleOfPolicies"},
	{"| 2. \"Build hosts\" | the group Engineers | kind `PRIVATE_SERVER` | 8 hours at most; nobody has to approve |", "access TestTheExampleOfPolicies"},
	{`| 3. "Everything else" | everyone | everything | 8 hours at most; one administrator |`, "access TestTheExampleOfPolicies"},
	{`Dev, an engineer, asks for three things at once, for an hour, with the ticket OPS-17:`, "access TestTheExampleOfPolicies"},
	{"`orders` as `reader` in Production: track \"Production\".", "access TestTheExampleOfPolicies"},
	{`An owner of the account approves, then an administrator.`, "access TestTheExampleOfPolicies"},
	{"`build-mac`, a private server: track \"Build hosts\".", "access TestTheExampleOfPolicies"},
	{`Nobody has to approve it, but it waits for the other two: the window is one.`, "access TestTheExampleOfPolicies"},
	{"`wiki`, an application of another account: track \"Everything else\".", "access TestTheExampleOfPolicies"},
	{`Any administrator approves; the administrator who approves the wiki can also be the one of Production's second step, because each item counts by itself.`, "access TestTheExampleOfPolicies"},
	{"Had Dev asked for `writer`, the request would have been refused at that item: \"Changes go through migrations.\"", "access TestTheExampleOfPolicies"},
	{"`make demo` starts with these, and the [README](../README.md#policies-in-slack-and-in-the-console) plays through them.", "e2e TestReadmePolicies"},
	{`Sign in to its console as Ada and open Policies to change them, or to try what somebody would have to do.`, "e2e TestDemoInTheConsole"},
	{"| Guardrail \"Contractors in production\" | where the condition `\"grp_…\" in holder.groups` holds: the group Contractors (Kim) | the account Production | 1 hour at most |", "e2e TestReadmePolicies"},
	{"| 1. \"Payroll\" | everyone | the resource `payroll-db` | refuses: \"Salaries are for the payroll application alone. Ask finance@example.com for a report.\" |", "e2e TestReadmePolicies"},
	{"| 2. \"Production\" | everyone | the account Production | 2 hours at most; a ticket such as `INC-42`; step 1: an owner (Olga of `orders-db`, the group Platform of all else), step 2: the group Security (Sam) |", "e2e TestReadmePolicies"},
	{`| 3. "Staging" | everyone | the account Staging | 8 hours at most; the group Platform (Ada, Bo) |`, "e2e TestReadmePolicies"},
	{`| 4. "Everything else" | everyone | everything | 8 hours at most; one administrator |`, "e2e TestReadmePolicies"},
	{`"Payroll" stands above "Production", since the first policy that matches governs: below it, it would never be reached.`, "policy TestCheck"},
	{`What you change there as Ada doesn't count for Ada until a day later: a right that somebody gives counts with them only then.`, "access TestAttacks/a right given to an accomplice for an hour"},
	{`A guardrail can have a condition, which is an expression in [CEL](https://cel.dev).`, "policy/condition TestDocumentation"},
	{`The guardrail holds for an item where its condition is true.`, "policy TestGuardrails"},
	{`One without a condition holds always.`, "policy TestGuardrails"},
	{"| `holder` | who would have the access: `id`, `name`, `email`, and `groups`, the IDs of their groups. A group that they put themselves into counts after a day |", "policy/condition TestHolds; policy TestGuardrails"},
	{"| `item` | the item that is judged: `resource`, `account` and `gateway`, each with `id` and `name` (both `\"\"` where there is none); `kind`; `role` (`\"\"` where there is none); `tags` |", "policy/condition TestHolds"},
	{"| `items` | all items that are asked for together, `item` among them |", "policy/condition TestHolds"},
	{"| `duration` | how long the access is to last |", "policy/condition TestHolds; access TestAttacks/a cap on the duration is passed by extensions"},
	{"| `now` | the present moment |", "policy/condition TestHolds"},
	{"| `startsAt` | when the access is to begin; `now`, where it begins as soon as it is approved |", "policy/condition TestHolds"},
	{"| `reason`, `ticket` | texts; `ticket` is `\"\"` where none was given |", "policy/condition TestHolds"},
	{`IDs stay when names change, so go by IDs where a condition has to hold.`, "access TestWhatPoliciesSay/a condition goes by an ID, whatever it is called"},
	{`An ID that does not exist is not noticed: take it from the page of the group, account or resource.`, "access TestWhatPoliciesSay/a condition goes by an ID, whatever it is called"},
	{`A name or field that is not in this table is refused when the condition is saved, with its line and column.`, "policy/condition TestCheckRefuses; policy/condition TestCheckOfASet"},
	{"The operators `==`, `!=`, `<`, `<=`, `>`, `>=`, `&&`, `||`, `!`, `+`, `-`, `?:` and `in`.", "policy/condition TestHolds"},
	{"The functions `size`, `contains`, `startsWith`, `endsWith`, `matches` (a regular expression, RE2, written as a text), `int`, `duration(\"4h\")` and `timestamp(\"2026-12-24T18:00:00Z\")`.", "policy/condition TestHolds; policy/condition TestCheckRefuses"},
	{"And `has`, `all`, `exists`, `exists_one`, `filter` and `map`, one within another and no deeper.", "policy/condition TestHolds; policy/condition TestCheckRefuses"},
	{"Compared are texts, numbers, times, and lists of them; of an item compare `resource.id`.", "policy/condition TestCheckRefuses"},
	{`These read a moment as a clock on the wall of a time zone does:`, "policy/condition TestWindows"},
	{"| `hour(now, \"Europe/Berlin\")` | 0 to 23 |", "policy/condition TestHolds; policy/condition TestDocumentation"},
	{"| `weekday(now, \"Europe/Berlin\")` | `\"MON\"` to `\"SUN\"` |", "policy/condition TestHolds; policy/condition TestDocumentation"},
	{"| `date(now, \"Europe/Berlin\")` | `\"2026-12-24\"`, which can be compared with `<` and `>` |", "policy/condition TestHolds; policy/condition TestDocumentation"},
	{"| `inside(now, \"Europe/Berlin\", \"MON-FRI\", \"08:00\", \"18:00\")` | whether it is in that time of those days |", "policy/condition TestWindows"},
	{"| `outside(now, \"Europe/Berlin\", \"MON-FRI\", \"08:00\", \"18:00\")` | whether it is not |", "policy/condition TestHolds"},
	{"Days are a list of days and ranges: `\"MON-FRI\"`, `\"SAT,SUN\"`, `\"FRI-MON\"`.", "policy/condition TestWindows; policy/condition TestCheckRefuses"},
	{"The first time is part of a window and the second is not; `\"24:00\"` is the end of a day.", "policy/condition TestWindows"},
	{`A window whose second time is not later goes over midnight, and is of the day on which it begins.`, "policy/condition TestWindows"},
	{`On the days on which clocks change one rule counts: what the clock on the wall shows decides.`, "policy/condition TestWindows"},
	{`An hour that is shown twice is in the window twice, one that is skipped not at all.`, "policy/condition TestWindows"},
	{`Zones, days and times are written as texts, and checked when the condition is saved.`, "policy/condition TestCheckRefuses"},
	{`To read a tag that an item does not have is an error, and a condition that can't be evaluated refuses what its guardrail is for; whoever asks reads which guardrail it was.`, "policy/condition TestHoldsNot; policy/condition TestGovernsWithWhatErrs"},
	{`So ask whether the tag is there, or say what counts in its place:`, "policy/condition TestHolds"},
	{`The first does not hold for an item without the tag, the second does.`, "policy/condition TestHolds"},
	{"An error does not matter where the other side of `&&` is false, or the other side of `||` is true.", "policy/condition TestHolds"},
	{`A condition has 2,000 bytes at most.`, "policy/condition TestCheckRefuses"},
	{`What it could cost, with 20 items of 50 tags and 1,000 groups, is estimated when it is saved; one that could cost too much is refused.`, "policy/condition TestCheckRefuses; policy/condition TestWhatPassesCanBeEvaluated"},
	{`To go through the groups within the groups, for example, is too much; to go through the items within the items is not.`, "policy/condition TestCheckRefuses; policy/condition TestWhatPassesCanBeEvaluated"},
}
