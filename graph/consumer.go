package graph

import (
	"context"

	"procyon/access"
	"procyon/auth"
	"procyon/delivery"
)

func toConsumer(c delivery.Consumer) *Consumer {
	out := &Consumer{ID: c.ID(), Name: c.Name, Cursor: c.Position, Epoch: c.Epoch, Holder: c.Holder, LeaseExpiresAt: c.LeaseExpiresAt, Source: c}
	switch access.KindOf(c.Owner) {
	case access.KindUser:
		out.UserID = &c.Owner
	case access.KindService:
		out.ServiceAccountID = &c.Owner
	}
	return out
}

// acquireConsumer takes a lease; what is done to another's consumer is written into the
// journal of who owns it, before it is done.
func (r *Resolver) acquireConsumer(ctx context.Context, in AcquireConsumerInput) (delivery.Consumer, error) {
	by := actor(ctx)
	return r.Ledger.Acquire(ctx, delivery.Lease{
		By: by.ID, Name: in.Name, Holder: in.Holder, TTL: in.TTL, ResetTo: in.ResetTo, AnyOwner: auth.MayManage(by),
		Note: func(ctx context.Context, c delivery.Consumer) error {
			return r.Access.RecordConsumer(ctx, by, c.Owner, access.ConsumerChange{Name: c.Name, From: c.Was.Seq, To: c.Position.Seq})
		},
	})
}

// deleteConsumer ends a consumer; what is done to another's is written into the journal of
// who owns it, before it is done.
func (r *Resolver) deleteConsumer(ctx context.Context, name string) (*string, error) {
	by := actor(ctx)
	c, err := r.Ledger.Delete(ctx, by.ID, name, auth.MayManage(by), func(ctx context.Context, c delivery.Consumer) error {
		return r.Access.RecordConsumer(ctx, by, c.Owner, access.ConsumerChange{Name: c.Name, From: c.Position.Seq, Deleted: true})
	})
	if err != nil {
		return nil, err
	}
	return same(c.ID()), nil
}
