// Package journal is the one commit point: an ordered, dense, hash-chained log
// of every change, the contract of the stores that keep it (Store), and the
// Journal that a server writes and follows.
//
// The Journal commits concurrent changes in groups, keeps a tail of recent
// entries in memory and wakes those who wait for more. It holds no queues for
// readers: a reader asks for the entries after its own position, and a slow one
// is only behind.
package journal
