// Package store is what the rest of the product needs of a store of documents: find
// them by ID, list them by term in order, page through lists, and change them by
// compare-and-set. Documents is the interface, Document what is stored; List and
// Merge read several terms as one list. The journal needs more of its store, and says
// so itself: journal.Store is Documents and entries.
//
// The drivers are below: store/sqlite and store/mongo. Each passes the suite in
// store/storetest, which holds them to what is said here.
package store
