package graph_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/auth"
	"procyon/checkpoint"
	"procyon/internal/admission"
	"procyon/receipt"
)

const receiptQuery = `query($id: ID!) { accessRequestReceipt(requestId: $id) { requestId fileName text checkpoint { size note } } }`

// A receipt is for whom the journal is for, and for nobody else who sees the request: neither
// who asked nor who decides, for it has what a policy keeps from them.
func TestReceiptsAreForWhomTheJournalIsFor(t *testing.T) {
	b := newBed(t)
	flo, err := b.CreateUser(t.Context(), access.System(), access.NewUser{Name: "Flo", Email: "flo@example.com"})
	b.must(err)
	if got := b.setPolicies(session(b.ada), 0, object{"policies": []object{
		{"name": "Servers", "who": object{"everyone": true}, "what": object{"kinds": []string{"PRIVATE_SERVER"}}, "maxDuration": "PT4H", "hideApprovers": true, "steps": []object{{"need": 1, "userIds": []string{flo.ID}}}},
		everything(administrators()),
	}}); !strings.Contains(got, "version:1") {
		t.Fatal(got)
	}
	b.pass(25 * time.Hour)
	id := b.mutation(session(b.dev), "createAccessRequest", "accessRequest { id }", object{"items": []object{{"resourceId": b.server.ID}}, "duration": "PT1H", "reason": "a disk is full"})["accessRequest"].(object)["id"].(string)
	keys, err := checkpoint.LoadKeys(filepath.Join(t.TempDir(), "checkpoint.key"))
	b.must(err)
	b.resolver.Receipt = func(ctx context.Context, request string) (*receipt.Receipt, error) {
		return receipt.Make(ctx, b.store, checkpoint.NewLog(b.store, keys, b.now), request, receipt.Most())
	}
	for name, who := range map[string]caller{
		"who asked": session(b.dev), "who decides": session(flo), "their token": token(flo, auth.ScopeSelf), "a stranger": session(b.eve),
		"the bot for an administrator": acting(b.ada), "a service that follows events": service(auth.ScopeEventsRead), "an administrator's token of another scope": token(b.ada, auth.ScopeEventsRead),
	} {
		if r := b.do(who, receiptQuery, object{"id": id}); r.codes() != "FORBIDDEN" || r.Data["accessRequestReceipt"] != nil {
			t.Errorf("%s: %v %v", name, r.Data, r.Errors)
		}
	}
	for name, who := range map[string]caller{
		"an administrator": session(b.ada), "a service that reads the journal": service(auth.ScopeJournalRead), "a service that manages": service(auth.ScopeAdmin),
	} {
		r := b.do(who, receiptQuery, object{"id": id})
		got, _ := r.Data["accessRequestReceipt"].(object)
		if got == nil {
			t.Fatalf("%s: %v", name, r.Errors)
		}
		proved, err := receipt.Check([]byte(got["text"].(string)), keys)
		if err != nil || got["requestId"] != id || got["checkpoint"].(object)["size"] != float64(proved.Checkpoint.Size) {
			t.Fatalf("%s: %v %v", name, got, err)
		}
		if !strings.Contains(string(proved.Entries[0].After), flo.ID) {
			t.Error("who decides is not in it: see whether it may be for who asked, too")
		}
	}
	if got := b.tracks(session(b.dev), id); strings.Contains(got, "Flo") || !strings.Contains(got, "hidden") {
		t.Error("what is kept from who asked is not:", got)
	}
}

// Why there is no receipt is said by a code, and when there will be one.
func TestWhyThereIsNoReceipt(t *testing.T) {
	b := newBed(t)
	soon := time.Date(2026, 11, 29, 12, 1, 0, 0, time.FixedZone("", 3600))
	for want, err := range map[string]error{
		"NOT_FOUND": receipt.ErrNoRequest, "RECEIPT_TOO_LONG": receipt.ErrTooLong, "NO_SIGNING_KEY": receipt.ErrNotSigning, "TOO_MANY_REQUESTS": admission.ErrShare,
		"NOT_SIGNED": &checkpoint.NotYetError{}, "NOT_SIGNED 2026-11-29T11:01:00Z": &checkpoint.NotYetError{At: soon}, "INTERNAL": errors.New("the disk /dev/sda is full"),
	} {
		b.resolver.Receipt = func(context.Context, string) (*receipt.Receipt, error) { return nil, err }
		r := b.do(session(b.ada), receiptQuery, object{"id": "req_1"})
		at, _ := r.Errors[0].Extensions["retryAt"].(string)
		if got := strings.TrimSpace(r.codes() + " " + at); got != want || fmt.Sprint(r.Errors[0].Path) != "[accessRequestReceipt]" || strings.Contains(r.Errors[0].Message, "/dev") || r.Data["accessRequestReceipt"] != nil {
			t.Errorf("%v: %q %+v", err, got, r.Errors[0])
		}
	}
}
