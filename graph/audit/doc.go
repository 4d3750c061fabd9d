// Package audit says what people may read of the journal, and exports it: what is left out
// of an entry (Readable), what its subject is called (SubjectName), and GET /export/journal
// (Export), which streams entries as CSV, JSON Lines or CloudEvents with the bytes that
// their hashes are of. docs/audit.md describes the formats.
package audit
