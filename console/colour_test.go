package console

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Text has a contrast of at least 4.5 : 1 on each ground that it stands on, edges
// of controls and the focus ring at least 3 : 1 (WCAG 2.2, 1.4.3 and 1.4.11), in
// the light scheme and in the dark one.
func TestContrast(t *testing.T) {
	css, err := assetFiles.ReadFile("asset/console.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, ok := strings.Cut(string(css), "prefers-color-scheme: dark")
	if !ok {
		t.Fatal("no dark scheme")
	}
	dark, _, _ = strings.Cut(dark, "}")
	for scheme, text := range map[string]string{"light": light, "dark": dark} {
		colours := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{3,6});`).FindAllStringSubmatch(text, -1) {
			colours[m[1]] = m[2]
		}
		for _, pair := range []struct {
			front string
			backs string
			least float64
		}{
			{"text", "ground card over-soft", 4.5}, {"quiet", "ground card", 4.5},
			{"accent", "ground card accent-soft", 4.5}, {"on-accent", "accent", 4.5},
			{"good", "good-soft", 4.5}, {"wait", "wait-soft", 4.5}, {"bad", "bad-soft card", 4.5}, {"over", "over-soft", 4.5},
			{"edge", "ground card", 3}, {"focus", "ground card", 3},
		} {
			for back := range strings.FieldsSeq(pair.backs) {
				if got := contrast(t, colours[pair.front], colours[back]); got < pair.least {
					t.Errorf("%s scheme: %s on %s has %.2f : 1, wants %.1f : 1", scheme, pair.front, back, got, pair.least)
				}
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is the relative luminance of an sRGB colour, as WCAG defines it.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	rgb, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		t.Fatalf("colour %q", hex)
	}
	part := func(shift int) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}
