package access

// ViewFormat says how documents are listed: where State.Index puts them. It is
// raised when that changes for a kind of any room, and Relist then says which documents of
// older formats are listed otherwise. Format 1 is that of stores without a mark.
const ViewFormat = 6

// Relist returns the terms under which the documents stand that have to be listed
// anew to come from a format to the present one; none where all are listed as they
// should be. Documents that are under none of these terms are listed alike in both.
func Relist(from int) []string {
	var terms []string
	if from < 2 { // what open requests rest on
		for _, s := range []Status{StatusPending, StatusApproved, StatusActive} {
			terms = append(terms, requestTerm(s, "", "", ""))
		}
	}
	// Format 3 lists waiting extensions by requester, account and resource. It lists
	// requests by when they were asked about, too, which only those know that were made
	// since; but releases before must not write any more: what they wrote would be
	// listed without.
	if from < 3 {
		terms = append(terms, "req/extension")
	}
	// Format 4 finds names by an index in memory, so their beginnings are no terms any more;
	// and requests of every status by their words, ticket, roles, gateways and reviewers.
	if from < 4 {
		terms = []string{"acc/", "gw/", "res/", "int/"}
		for _, s := range statuses {
			terms = append(terms, requestTerm(s, "", "", ""))
		}
	}
	// Format 5 lists accounts by their IDs at their providers.
	if from == 4 {
		terms = append(terms, "acc/")
	}
	// Format 6 lists people whom the directory took away as those whose place somebody may
	// take, and as the employees who they were.
	if from < 6 {
		terms = append(terms, "usr/")
	}
	return terms
}
