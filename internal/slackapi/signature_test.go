package slackapi

import (
	"errors"
	"strconv"
	"testing"
	"time"
)

// The vector that Slack publishes in its guide to verifying requests.
const (
	vectorSecret    = "8f742231b10e8888abcd99yyyzzz85a5"
	vectorTime      = "1531420618"
	vectorBody      = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	vectorSignature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
)

var vectorNow = time.Unix(1531420618, 0)

func TestVerify(t *testing.T) {
	for name, c := range map[string]struct {
		secret, time, body, signature string
		now                           time.Time
		ok                            bool
	}{
		"published vector":  {vectorSecret, vectorTime, vectorBody, vectorSignature, vectorNow, true},
		"five minutes old":  {vectorSecret, vectorTime, vectorBody, vectorSignature, vectorNow.Add(5 * time.Minute), true},
		"five minutes soon": {vectorSecret, vectorTime, vectorBody, vectorSignature, vectorNow.Add(-5 * time.Minute), true},
		"too old":           {vectorSecret, vectorTime, vectorBody, vectorSignature, vectorNow.Add(301 * time.Second), false},
		"too soon":          {vectorSecret, vectorTime, vectorBody, vectorSignature, vectorNow.Add(-301 * time.Second), false},
		"other body":        {vectorSecret, vectorTime, vectorBody + "x", vectorSignature, vectorNow, false},
		"other secret":      {"x", vectorTime, vectorBody, vectorSignature, vectorNow, false},
		"no secret":         {"", vectorTime, "", Sign("", vectorTime, nil), vectorNow, false},
		"no signature":      {vectorSecret, vectorTime, vectorBody, "", vectorNow, false},
		"other time":        {vectorSecret, "1531420619", vectorBody, vectorSignature, vectorNow, false},
		"plus sign":         {vectorSecret, "+1531420618", vectorBody, Sign(vectorSecret, "+1531420618", []byte(vectorBody)), vectorNow, false},
		"absurd time":       {vectorSecret, "9223372036854775807", "", Sign(vectorSecret, "9223372036854775807", nil), vectorNow, false},
	} {
		if err := Verify(c.secret, c.time, []byte(c.body), c.signature, c.now); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What was wrong is told apart for the log, and only there: all errors read alike.
func TestWhyASignatureIsRefused(t *testing.T) {
	const year = int64(365 * 24 * 3600)
	for name, c := range map[string]struct {
		time, signature string
		now             time.Time
		want            SignatureError
	}{
		"slow clock":   {vectorTime, vectorSignature, vectorNow.Add(-400 * time.Second), SignatureError{SignatureWrongTime, 400, true}},
		"fast clock":   {vectorTime, vectorSignature, vectorNow.Add(400 * time.Second), SignatureError{SignatureWrongTime, -400, true}},
		"replayed":     {vectorTime, "v0=x", vectorNow.Add(400 * time.Second), SignatureError{SignatureWrongTime, -400, false}},
		"other secret": {vectorTime, "v0=x", vectorNow.Add(-2 * time.Second), SignatureError{SignatureWrong, 2, false}},
		"none":         {"", vectorSignature, vectorNow, SignatureError{Reason: SignatureNoTimestamp}},
		"no number":    {"x", vectorSignature, vectorNow, SignatureError{Reason: SignatureNoTimestamp}},
		"far ahead":    {"9223372036854775807", "", vectorNow, SignatureError{SignatureWrongTime, 100 * year, false}},
		"far behind":   {"-9223372036854775808", "", vectorNow, SignatureError{SignatureWrongTime, -100 * year, false}},
	} {
		err := Verify(vectorSecret, c.time, []byte(vectorBody), c.signature, c.now)
		var got *SignatureError
		if !errors.As(err, &got) || *got != c.want || !errors.Is(err, ErrSignature) || err.Error() != ErrSignature.Error() {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// FuzzVerify: nothing but the right signature passes, and nothing panics.
func FuzzVerify(f *testing.F) {
	f.Add(vectorTime, vectorBody, vectorSignature)
	f.Add("", "", "v0=")
	f.Fuzz(func(t *testing.T, timestamp, body, signature string) {
		err := Verify(vectorSecret, timestamp, []byte(body), signature, vectorNow)
		sec, notNumber := strconv.ParseInt(timestamp, 10, 64)
		good := notNumber == nil && sec >= 1531420318 && sec <= 1531420918 && strconv.FormatInt(sec, 10) == timestamp &&
			signature == Sign(vectorSecret, timestamp, []byte(body))
		if (err == nil) != good {
			t.Fatalf("Verify(%q, %q, %q) = %v", timestamp, body, signature, err)
		}
	})
}
