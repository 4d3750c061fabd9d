// Package admission bounds what senders of requests can hold of a server before
// anybody knows who they are: connections, requests under way, and the bytes of
// their bodies.
//
// Listen bounds connections. Deadline gives every body a time by which it must be
// complete. A Guard counts the requests of strangers, by where they come from, and
// the bytes of long bodies; a request whose sender is known gives its place back
// (Place.Identified), and one that becomes a lasting connection keeps it until that
// ends (Place.Keep).
//
// All of it is per process, in memory, and costs a lock and a map entry a request.
package admission
