package scim

import (
	"cmp"
	"net/http"
	"strings"
)

// documents are what the protocol says of itself (RFC 7644, section 4), by path in lower case.
func (h *handler) documents() map[string]any {
	types, schemas := []record{}, []record{}
	out := map[string]any{"/serviceproviderconfig": h.config()}
	for _, s := range h.resources {
		t := s.resource()
		one := h.typeDocument(t)
		types = append(types, one)
		out["/resourcetypes/"+strings.ToLower(t.name)] = one
		for _, sc := range t.schemas {
			one := h.schemaDocument(sc)
			schemas = append(schemas, one)
			out["/schemas/"+strings.ToLower(sc.id)] = one
		}
	}
	out["/resourcetypes"], out["/schemas"] = types, schemas
	return out
}

func (h *handler) discover(w http.ResponseWriter, r *http.Request, document any) (answer, error) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return methodNotAllowed(w, r, "GET, HEAD")
	case r.URL.Query().Has("filter"):
		return answer{}, Forbidden("What the server says of itself can't be filtered.")
	}
	if list, ok := document.([]record); ok {
		document = listOf(list, len(list), 1)
	}
	return answer{status: http.StatusOK, body: document}, nil
}

func (h *handler) config() record {
	no := record{"supported": false}
	r := record{
		attrSchemas:      []string{urnConfig},
		"patch":          record{"supported": true},
		"bulk":           record{"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
		"filter":         record{"supported": true, "maxResults": MaxPage},
		"changePassword": no,
		"sort":           no,
		"etag":           record{"supported": true},
		"authenticationSchemes": []record{{
			"type": "oauthbearertoken", "name": "Token", "description": "A token of a service account, in the header Authorization.", attrPrimary: true,
		}},
		attrMeta: h.meta("ServiceProviderConfig", "/ServiceProviderConfig"),
	}
	r.set("documentationUri", h.options.DocumentationURL)
	return r
}

func (h *handler) meta(kind, path string) record {
	return record{"resourceType": kind, "location": h.options.BaseURL + path}
}

func (h *handler) typeDocument(t *resourceType) record {
	r := record{
		attrSchemas: []string{urnType}, attrID: t.name, attrName: t.name, "description": t.description,
		"endpoint": t.endpoint, "schema": t.core().id, attrMeta: h.meta("ResourceType", "/ResourceTypes/"+t.name),
	}
	var extensions []record
	for _, s := range t.schemas[1:] {
		extensions = append(extensions, record{"schema": s.id, "required": false})
	}
	r.set("schemaExtensions", extensions)
	return r
}

func (h *handler) schemaDocument(s *schema) record {
	return record{
		attrSchemas: []string{urnSchema}, attrID: s.id, attrName: s.name, "description": s.description,
		"attributes": attributeDocuments(s.attributes), attrMeta: h.meta("Schema", "/Schemas/"+s.id),
	}
}

// attributeDocuments list what is kept, as RFC 7643 describes attributes in section 7.
func attributeDocuments(list []*attribute) []record {
	out := []record{}
	for _, a := range list {
		if a.ignored || a.common {
			continue
		}
		r := record{
			attrName: a.name, attrType: a.kind, "multiValued": a.multi, "description": a.description, "required": a.required,
			"mutability": cmp.Or(a.mutability, readWrite), "returned": cmp.Or(a.returned, byDefault), "uniqueness": "none",
		}
		if a.unique {
			r["uniqueness"] = "server"
		}
		if a.kind == text || a.kind == refer {
			r["caseExact"] = a.exact
		}
		if a.canonical != nil {
			r["canonicalValues"] = a.canonical
		}
		if a.refers != nil {
			r["referenceTypes"] = a.refers
		}
		if a.kind == complete {
			r["subAttributes"] = attributeDocuments(a.sub)
		}
		out = append(out, r)
	}
	return out
}
