package transport

import (
	"net/http"
	"strconv"
	"strings"
)

// Media types that results come in.
const (
	mediaJSON     = "application/json"
	mediaResponse = "application/graphql-response+json"
	mediaEvents   = "text/event-stream"
)

// accepted returns the offer that the request's Accept header likes best: by
// quality, then the one named most precisely, then the first in the header, then
// the first of the offers. Without a header that is the first offer; "" means
// that none will do.
func accepted(h http.Header, offers ...string) string {
	header := strings.Join(h.Values("Accept"), ",")
	if strings.TrimSpace(header) == "" {
		return offers[0]
	}
	ranges := mediaRanges(header)
	best, bestOffer := mediaRange{}, ""
	for _, offer := range offers {
		r := match(ranges, offer)
		if r.quality > best.quality || r.quality == best.quality && r.quality > 0 &&
			(r.precision > best.precision || r.precision == best.precision && r.index < best.index) {
			best, bestOffer = r, offer
		}
	}
	return bestOffer
}

// mediaRange is one element of an Accept header.
type mediaRange struct {
	kind, subtype string
	quality       float64 // 0: not accepted
	precision     int     // 0 for */*, 1 for type/*, 2 for a full name
	index         int     // in the header
}

func mediaRanges(header string) []mediaRange {
	var out []mediaRange
	for element := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(element, ";")
		kind, subtype, ok := strings.Cut(strings.ToLower(strings.TrimSpace(name)), "/")
		if !ok {
			continue
		}
		r := mediaRange{kind: kind, subtype: subtype, quality: quality(params), index: len(out)}
		if kind != "*" {
			r.precision++
		}
		if subtype != "*" {
			r.precision++
		}
		out = append(out, r)
	}
	return out
}

func quality(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || !(q >= 0 && q <= 1) {
				return 0
			}
			return q
		}
	}
	return 1
}

// match returns the most precise range that covers the offer, the zero range if
// none does.
func match(ranges []mediaRange, offer string) mediaRange {
	kind, subtype, _ := strings.Cut(offer, "/")
	found, best := false, mediaRange{}
	for _, r := range ranges {
		covers := (r.kind == kind || r.kind == "*" && r.subtype == "*") && (r.subtype == subtype || r.subtype == "*")
		if covers && (!found || r.precision > best.precision) {
			found, best = true, r
		}
	}
	return best
}
