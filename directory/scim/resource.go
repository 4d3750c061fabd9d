package scim

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// resources serves the resources of one type, as records.
type resources interface {
	resource() *resourceType
	get(ctx context.Context, id string, sel selection) (record, error)
	list(ctx context.Context, q query, sel selection) ([]record, int, error)
	create(ctx context.Context, body object) (record, error)
	// replace and patch say whether something changed. patch returns nil where there is nothing
	// to answer.
	replace(ctx context.Context, id string, when precondition, body object) (record, bool, error)
	patch(ctx context.Context, id string, when precondition, body object, sel selection) (record, bool, error)
	remove(ctx context.Context, id string, when precondition) error
}

// query is what a list is asked for.
type query struct {
	filter
	text        string // of the filter
	skip, count int
}

// identity is what every resource has.
type identity struct {
	id, externalID, version string
	created, modified       time.Time
}

func setCommon(r record, t *resourceType, base string, c identity) {
	r[attrID] = c.id
	r.set(attrExternalID, c.externalID)
	meta := record{"resourceType": t.name, "location": base + t.endpoint + "/" + url.PathEscape(c.id), "version": weak(c.version)}
	if !c.created.IsZero() {
		meta["created"] = c.created.UTC()
	}
	if !c.modified.IsZero() {
		meta["lastModified"] = c.modified.UTC()
	}
	r[attrMeta] = meta
}

func references(list []Reference, base string) []record {
	var records []record
	for _, one := range list {
		r := record{attrValue: one.ID, attrRef: base + url.PathEscape(one.ID)}
		r.set(attrDisplay, one.Name)
		records = append(records, r)
	}
	return records
}

// weak is the entity tag of a version. Versions are weak tags, for two answers of one version
// may list other attributes.
func weak(version string) string { return `W/"` + version + `"` }

// precondition is what If-Match demands: one of these tags. nil demands nothing.
type precondition []string

func preconditionOf(h http.Header, name string) precondition {
	var tags precondition
	for _, line := range h.Values(name) {
		for _, tag := range strings.Split(line, ",") {
			tags = append(tags, strings.TrimPrefix(strings.TrimSpace(tag), "W/"))
		}
	}
	return tags
}

// meets reports whether a weak tag is among those of p. The comparison is weak, as RFC 7644
// uses it (section 3.14).
func (p precondition) meets(tag string) bool {
	return slices.Contains(p, "*") || slices.Contains(p, strings.TrimPrefix(tag, "W/"))
}

func (p precondition) check(version string) error {
	if len(p) == 0 || p.meets(weak(version)) {
		return nil
	}
	return fault(http.StatusPreconditionFailed, "", "The resource has changed: it is version %s now. Read it again.", weak(version))
}
