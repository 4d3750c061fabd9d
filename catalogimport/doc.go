// Package catalogimport brings files of accounts, gateways and resources into the catalog:
// a room of the domain of its own, on what [access] exports.
//
// A file is checked first, as a whole, and nothing of the catalog is written then: what was
// found of each row is kept beside the journal for a day. [Service.Start] begins an import
// whose rows are all right, as an entry of a subject of its own. From then on its rows are
// put into the catalog, some at a time, each judged again against the catalog as it is by
// then; a row whose subject changed since the check is refused and told. To put a row twice
// is harmless, so any server goes on where another was cut off: see [Service.Work].
//
// What is in the catalog and not in the file stays as it is.
package catalogimport
