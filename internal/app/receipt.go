package app

import (
	"context"
	"fmt"
	"sync"

	"procyon/auth"
	"procyon/checkpoint"
	"procyon/internal/admission"
	"procyon/receipt"
)

const (
	// receiptsAtOnce is how many receipts a server makes at once; of these one person or
	// service has half.
	receiptsAtOnce = 4
	// signedAtOnce is how many entries are read to sign the journal for a receipt, which
	// takes a second or two. What more there is the server signs in time, with pauses.
	signedAtOnce = 100_000
)

// receiptBounds are how long a receipt is that is made over the API. It is held in memory
// several times, and each entry's proof reads 256 others.
func receiptBounds() receipt.Bounds { return receipt.Bounds{Entries: 300, Bytes: 4 << 20} }

// receipts makes receipts for the API.
type receipts struct {
	*Core
	cfg    *Config
	places *admission.Quota
	most   receipt.Bounds

	signing sync.Mutex // held while it is looked whether the journal is to be signed, and done
}

func newReceipts(c *Core, cfg *Config) *receipts {
	return &receipts{Core: c, cfg: cfg, places: admission.NewQuota(receiptsAtOnce, receiptsAtOnce/2), most: receiptBounds()}
}

// make makes the receipt of a request for the caller, who may have it, and logs that. It signs
// the journal as a server does by itself: with the same key, unless its settings say never, and no sooner
// than minCheckpoint after the newest checkpoint. Its errors are those of receipt.Make,
// *checkpoint.NotYetError, receipt.ErrNotSigning and those of a quota.
func (r *receipts) make(ctx context.Context, request string) (*receipt.Receipt, error) {
	who := auth.From(ctx).Actor
	give, err := r.places.Take(who.ID+"/"+who.ByID, 1)
	if err != nil {
		return nil, err
	}
	defer give()
	made, err := r.within(ctx, request)
	if checkpoint.IsNoKey(err) {
		r.log.Error("no receipt was made", "request", request, "error", err)
		err = receipt.ErrNotSigning
	}
	if err != nil {
		return nil, err
	}
	r.log.Info("a receipt was made", "by", who.ID, "name", who.Name, "for", who.ByID, "via", who.Via,
		"request", request, "entries", len(made.Entries), "checkpoint", made.Signed.Size)
	return made, nil
}

func (r *receipts) within(ctx context.Context, request string) (*receipt.Receipt, error) {
	if r.cfg.CheckpointEvery == 0 {
		return nil, fmt.Errorf("%w: PROCYON_CHECKPOINT_EVERY is 0", receipt.ErrNotSigning)
	}
	checkpoints, err := openCheckpoints(ctx, r.cfg.Store.CheckpointKeyPath(), r.Store, false, r.now)
	if err != nil {
		return nil, err
	}
	return receipt.Make(ctx, r.Store, &onDemand{checkpoints, r}, request, r.most)
}

// onDemand is the log of checkpoints, signed for receipts within bounds.
type onDemand struct {
	*checkpoint.Log
	of *receipts
}

// Covering implements receipt.Checkpoints. What it signs goes to the log, as other
// checkpoints do.
func (d *onDemand) Covering(ctx context.Context, seq uint64) (*checkpoint.Checkpoint, error) {
	d.of.signing.Lock()
	defer d.of.signing.Unlock()
	c, made, err := d.Cover(ctx, seq, checkpoint.Bounds{Age: minCheckpoint, Entries: signedAtOnce})
	if made {
		d.of.signed(c)
	}
	return c, err
}
