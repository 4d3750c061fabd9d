package graph

import (
	"context"
	"errors"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/access"
	"procyon/checkpoint"
	"procyon/internal/admission"
	"procyon/receipt"
)

// Extension codes of the errors of receipts.
const (
	CodeNotSigned       = "NOT_SIGNED"
	CodeNoSigningKey    = "NO_SIGNING_KEY"
	CodeReceiptTooLong  = "RECEIPT_TOO_LONG"
	CodeTooManyRequests = "TOO_MANY_REQUESTS"
)

// receiptOf is the receipt of a request for the caller, whom @auth has let in.
func (r *Resolver) receiptOf(ctx context.Context, request string) (*AccessRequestReceipt, error) {
	made, err := r.Receipt(ctx, request)
	if err != nil {
		return nil, receiptRefused(err)
	}
	text, err := made.Text()
	if err != nil {
		return nil, err
	}
	return &AccessRequestReceipt{RequestID: made.Request, FileName: made.FileName(), Text: string(text), Checkpoint: toCheckpoint(made.Signed)}, nil
}

// receiptRefused says why there is no receipt; any other error stays as it is.
func receiptRefused(err error) error {
	var early *checkpoint.NotYetError
	refused := &gqlerror.Error{}
	var code string
	switch {
	case errors.Is(err, receipt.ErrNoRequest):
		return access.Errorf(access.CodeNotFound, "requestId", "There is no such access request.")
	case errors.Is(err, receipt.ErrTooLong):
		code, refused.Message = CodeReceiptTooLong, "This request has more entries in the journal than a receipt takes here. Whoever runs the server makes it with procyon receipt."
	case errors.Is(err, receipt.ErrNotSigning):
		code, refused.Message = CodeNoSigningKey, "This server does not sign the journal, so it makes no receipts. Its log says why, for whoever runs it."
	case errors.Is(err, admission.ErrShare), errors.Is(err, admission.ErrTotal):
		code, refused.Message = CodeTooManyRequests, "Too many receipts are made at once: a server makes four, two of them for one person or service. Wait until one is done."
	case errors.As(err, &early) && early.At.IsZero():
		code, refused.Message = CodeNotSigned, "Too much of the journal is not signed yet. The server signs it meanwhile; ask again in some minutes."
	case errors.As(err, &early):
		code, refused.Message = CodeNotSigned, "The journal was signed less than a minute ago, before this request last changed. It can be signed again at "+early.At.UTC().Format("15:04:05 UTC")+"."
	default:
		return err
	}
	refused.Extensions = map[string]any{"code": code}
	if early != nil && !early.At.IsZero() {
		refused.Extensions["retryAt"] = early.At.UTC().Format(time.RFC3339)
	}
	return refused
}
