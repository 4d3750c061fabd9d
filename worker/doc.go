// Package worker is what every worker of Procyon is, whatever it does: one process
// works, under a lease, and the others stand by; it follows events from where the
// last one stopped; it goes on after failures; and it ends what it has begun before it
// stops. A worker adds its own logic to that, and nothing else. The product's own
// workers are made so, on this package and package client alone, and so can anybody's
// be.
//
//	err := worker.Run(ctx, worker.Options{Client: api, Consumer: "provisioner"},
//		func(ctx context.Context, lease *worker.Lease) error {
//			return worker.Follow(ctx, api, lease, query, func(ctx context.Context, e client.Event) error {
//				…
//			})
//		})
//
// [Run] gives the work a context that ends when the worker is to stop or has lost its
// lease. What must come to its end although the worker is to stop, such as writing
// down what was done, uses [Lease.Held], which ends with the lease alone.
//
// [Retry] tries a call again, [Every] does something now and then, [Lanes] does what
// belongs together in order and everything else at once.
package worker
