package transport

import (
	"encoding/json"
	"testing"
)

// A number whose exponent is the smallest int is no whole number, and no panic.
func TestWholeOfSmallestExponent(t *testing.T) {
	for _, n := range []json.Number{"0.1e-9223372036854775808", "1e-9223372036854775808", "0.12e-9223372036854775807"} {
		if digits, ok := whole(n); ok {
			t.Errorf("whole(%s) = %d digits, want none", n, len(digits))
		}
	}
}
