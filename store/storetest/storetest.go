// Package storetest is the conformance suite of journal.Store: what the
// contract says, checked through two handles on one store. Every driver runs it.
package storetest

import (
	"testing"

	"procyon/journal"
)

// Open opens two handles on the same new and empty store, as two servers
// would. It closes them with t.Cleanup.
type Open func(t *testing.T) (a, b journal.Store)

// Options tells what a driver's server is able to do.
type Options struct {
	// CompareAndSetRaces: replacing a document by ID and version is atomic.
	// Servers that emulate MongoDB may fall short of that.
	CompareAndSetRaces bool
	// Transactions: Append and Put are all or nothing.
	Transactions bool
}

// Run runs the suite. Each test of it opens a store of its own.
func Run(t *testing.T, open Open, options Options) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s suite)
	}{
		{"Empty", testEmpty},
		{"AppendRoundTrip", testAppendRoundTrip},
		{"AppendNothing", testAppendNothing},
		{"AppendOlderFormat", testAppendOlderFormat},
		{"EntriesPages", testEntriesPages},
		{"SubjectPages", testSubjectPages},
		{"Find", testFind},
		{"AppendViews", testAppendViews},
		{"AppendOneSubjectTwice", testAppendOneSubjectTwice},
		{"AppendLeavesNewerViews", testAppendLeavesNewerViews},
		{"AppendBehind", testAppendBehind},
		{"AppendStale", testAppendStale},
		{"AppendStaleInBatch", testAppendStaleInBatch},
		{"AppendToAnother", testAppendToAnother},
		{"AppendLarge", testAppendLarge},
		{"AppendManyChanges", testAppendManyChanges},
		{"AppendCanceled", testAppendCanceled},
		{"Repair", testRepair},
		{"RepairRemovesOldTerms", testRepairRemovesOldTerms},
		{"Reindex", testReindex},
		{"ReindexStale", testReindexStale},
		{"ReindexMany", testReindexMany},
		{"Put", testPut},
		{"PutMany", testPutMany},
		{"PutConflictAmongMany", testPutConflictAmongMany},
		{"PutOneTwice", testPutOneTwice},
		{"PutBytes", testPutBytes},
		{"Delete", testDelete},
		{"Remove", testRemove},
		{"Get", testGet},
		{"ListOrder", testListOrder},
		{"ListPages", testListPages},
		{"ListFromAnyPosition", testListFromAnyPosition},
		{"ListTies", testListTies},
		{"ListTermsChange", testListTermsChange},
		{"ListSortChanges", testListSortChanges},
		{"ListUnicode", testListUnicode},
		{"Count", testCount},
		{"RaceAppend", testRaceAppend},
		{"RaceFind", testRaceFind},
		{"RaceInsert", testRaceInsert},
		{"RaceIndependent", testRaceIndependent},
		{"RaceCompareAndSet", testRaceCompareAndSet},
		{"RaceReindex", testRaceReindex},
		{"Journals", testJournals},
		{"Checkpoints", testCheckpoints},
		{"VerifyViews", testVerifyViews},
		{"VerifyBeside", testVerifyBeside},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := open(t)
			test.run(t, suite{a: a, b: b, options: options})
		})
	}
}

// suite is what each test gets: two handles on one empty store.
type suite struct {
	a, b    journal.Store
	options Options
}
