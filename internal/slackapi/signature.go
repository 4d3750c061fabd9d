package slackapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"time"
)

// SignatureWindow is how far a request's timestamp may be from now, either way.
const SignatureWindow = 5 * time.Minute

// ErrSignature is what [Verify] answers, whatever was wrong: it is a *[SignatureError].
var ErrSignature = errors.New("slackapi: the request is not signed by Slack, or too old")

// SignatureError is why a request is refused. It is for the log alone: whoever sent the
// request is told [ErrSignature], because the reason would help only somebody who
// guesses. It holds nothing of the request but its time.
type SignatureError struct {
	Reason SignatureReason
	// Skew is how many seconds the request's timestamp is ahead of this machine's
	// clock, less than 0 where it is behind; 0 without a timestamp. It is at most 100
	// years.
	Skew int64
	// Signed: the signature is right, so that only the time is not.
	Signed bool
}

// SignatureReason is what was wrong.
type SignatureReason string

// The reasons.
const (
	SignatureNoTimestamp SignatureReason = "there is no timestamp"
	SignatureWrongTime   SignatureReason = "the timestamp is too far from this machine's clock"
	SignatureWrong       SignatureReason = "the signature is another one: the signing secret is not the app's, or it is not Slack that asks"
)

func (e *SignatureError) Error() string { return ErrSignature.Error() }

// Is makes every one an [ErrSignature].
func (e *SignatureError) Is(target error) bool { return target == ErrSignature }

// maxSkew bounds the skew that is told.
const maxSkew = int64(100 * 365 * 24 * time.Hour / time.Second)

// skew is how far a timestamp is from now, in seconds; absurd ones do not wrap around.
func skew(sec, now int64) int64 {
	return min(max(sec, now-maxSkew), now+maxSkew) - now
}

// Verify tells whether Slack signed this request: timestamp and signature are
// the headers X-Slack-Request-Timestamp and X-Slack-Signature, body is the raw
// body, to be verified before it is parsed. It returns nil or a
// *[SignatureError].
// The same request passes again within the window: remove duplicates by event
// id, and make what it does harmless to repeat.
func Verify(secret, timestamp string, body []byte, signature string, now time.Time) error {
	sec, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || strconv.FormatInt(sec, 10) != timestamp {
		return &SignatureError{Reason: SignatureNoTimestamp}
	}
	ahead, window := skew(sec, now.Unix()), int64(SignatureWindow/time.Second)
	signed := secret != "" && hmac.Equal([]byte(Sign(secret, timestamp, body)), []byte(signature))
	switch {
	case ahead < -window || ahead > window:
		return &SignatureError{SignatureWrongTime, ahead, signed}
	case !signed:
		return &SignatureError{Reason: SignatureWrong, Skew: ahead}
	}
	return nil
}

// Sign makes the value of X-Slack-Signature, for those who play Slack.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + timestamp + ":"))
	mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}
