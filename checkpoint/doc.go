// Package checkpoint signs what the journal was at a moment, so that its past can't be
// rewritten unnoticed, not even by somebody who can write the whole store.
//
// A checkpoint is a signed note in the form of C2SP's tlog-checkpoint: the journal's origin,
// its size, the root of the Merkle tree (RFC 6962) over its entries' hashes, the newest
// entry's hash and the time; signed with Ed25519, by a key that is not in the store (Keys).
// Log makes checkpoints and keeps them in the store, with what it needs of the tree;
// Comparison holds a journal against checkpoints that were kept elsewhere.
//
// The tree's leaves are the entries' hashes. Of the tree only the tiles above the lowest are
// stored: one hash for each 256 entries. They follow from the journal, so a crash costs
// nothing, and Forget lets them be made anew. The commit path knows nothing of all this.
package checkpoint
