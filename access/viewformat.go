package access

// ViewFormat says how documents are listed: where state.index puts them. It is
// raised when that changes for a kind, and Relist then says which documents of
// older formats are listed otherwise. Format 1 is that of stores without a mark.
const ViewFormat = 3

// Relist returns the terms under which the documents stand that have to be listed
// anew to come from a format to the present one; none where all are listed as they
// should be. Documents that are under none of these terms are listed alike in both.
func Relist(from int) []string {
	var terms []string
	if from < 2 { // what open requests rest on
		for _, s := range []Status{Pending, Approved, Active} {
			terms = append(terms, requestTerm(s, "", "", ""))
		}
	}
	if from < 3 { // waiting extensions by requester, account and resource
		terms = append(terms, "req/extension")
	}
	return terms
}
