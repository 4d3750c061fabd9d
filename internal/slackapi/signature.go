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

// ErrSignature is what [Verify] answers, whatever was wrong: the reason would
// help only somebody who guesses.
var ErrSignature = errors.New("slackapi: the request is not signed by Slack, or too old")

// Verify tells whether Slack signed this request: timestamp and signature are
// the headers X-Slack-Request-Timestamp and X-Slack-Signature, body is the raw
// body, to be verified before it is parsed. It returns nil or [ErrSignature].
// The same request passes again within the window: remove duplicates by event
// id, and make what it does harmless to repeat.
func Verify(secret, timestamp string, body []byte, signature string, now time.Time) error {
	sec, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || secret == "" || strconv.FormatInt(sec, 10) != timestamp {
		return ErrSignature
	}
	// Compared as seconds: time.Unix of an absurd timestamp would wrap around.
	window := int64(SignatureWindow / time.Second)
	if n := now.Unix(); sec < n-window || sec > n+window {
		return ErrSignature
	}
	if !hmac.Equal([]byte(Sign(secret, timestamp, body)), []byte(signature)) {
		return ErrSignature
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
