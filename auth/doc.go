// Package auth says who is calling and what they may do. It knows local people
// with passwords (argon2id), their server-side sessions in a cookie, and API
// tokens of services and of people; from each it makes a Principal, which
// travels in the context. Allows is the one rule of who may use a field of the
// API, Valid the check that a live subscription repeats, and Scope the name of
// what somebody may see.
//
// How often one may try to sign in, and what that leaves to an attacker, stands at
// limits.
//
// What it stores are store.Documents: credentials (crd_…), sessions (ses_…),
// tokens (tok_…) and the idempotency keys that made some of them (tky_…), known
// browsers (brw_…), and offers to link a Slack account (slo_…) or to install the app
// in a workspace (sio_…). The IDs of all but the credentials and keys are SHA-256
// hashes of the secrets that the callers hold, so one read by ID finds them, and who
// reads the store cannot sign in with what is there. Identities themselves belong to
// the domain: access.Directory.
package auth
