package worker_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"procyon/client"
	"procyon/worker"
)

const query = `subscription($after: Cursor) {
  requestEvents(after: $after, filter: {types: [ACTIVATED, EXPIRED, CLOSED, REVOKED]}) {
    cursor type request { requestId requester { email } }
  }
}`

// A worker that follows approved access, and what ends it. Run it as often as you like:
// one works, the others stand by, and none misses an event.
func ExampleRun() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	api, err := client.New(client.Options{URL: os.Getenv("PROCYON_API"), Token: os.Getenv("TOKEN")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer api.Close()
	err = worker.Run(ctx, worker.Options{Client: api, Consumer: "provisioner"}, func(ctx context.Context, lease *worker.Lease) error {
		return worker.Follow(ctx, api, lease, query, provision)
	})
	if err != nil {
		fmt.Println(err) // the token is refused
	}
}

// provision makes one event real.
func provision(_ context.Context, e client.Event) error {
	var v struct {
		RequestEvents struct {
			Type    string
			Request struct {
				RequestID string
				Requester struct{ Email string }
			}
		}
	}
	if err := e.Decode(&v); err != nil {
		return err
	}
	fmt.Println(v.RequestEvents.Type, v.RequestEvents.Request.RequestID, v.RequestEvents.Request.Requester.Email)
	return nil
}
