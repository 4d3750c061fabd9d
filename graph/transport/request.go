package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// DefaultMaxBody is how long the body of a request may be, in bytes.
const DefaultMaxBody = 1 << 20

// readParams reads the GraphQL parameters of a GET, HEAD or POST request. What is
// wrong with them is said without repeating any of it.
func readParams(w http.ResponseWriter, r *http.Request, maxBody int64) (*graphql.RawParams, *refusal) {
	start := graphql.Now()
	var raw map[string]json.RawMessage
	var refused *refusal
	if reads(r) {
		raw, refused = queryParams(r.URL.RawQuery)
	} else {
		raw, refused = bodyParams(w, r, maxBody)
	}
	if refused != nil {
		return nil, refused
	}
	params, refused := decodeParams(raw)
	if refused != nil {
		return nil, refused
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	return params, nil
}

// bodyParams reads a POST body. Nothing but JSON is taken, which a page of
// another origin cannot send without the browser's asking us first.
func bodyParams(w http.ResponseWriter, r *http.Request, maxBody int64) (map[string]json.RawMessage, *refusal) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err != nil || media != mediaJSON || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, refusef(http.StatusUnsupportedMediaType, "Send the operation as Content-Type: application/json, in UTF-8.")
	}
	if r.Header.Get("Content-Encoding") != "" {
		return nil, refusef(http.StatusUnsupportedMediaType, "Send the operation without a Content-Encoding.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refusef(http.StatusRequestEntityTooLarge, "The body is longer than %d bytes.", maxBody)
	case err != nil:
		return nil, refusef(http.StatusBadRequest, "The body could not be read to its end.")
	}
	body = bytes.TrimSpace(body)
	if len(body) > 0 && body[0] == '[' {
		return nil, refusef(http.StatusBadRequest, "Several operations in one request are not taken: send one JSON object.")
	}
	// A map tells names apart by case, which decoding into a struct does not.
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil || raw == nil {
		return nil, refusef(http.StatusBadRequest, "The body must be a JSON object.")
	}
	return raw, nil
}

// queryParams reads a GET request's URL.
func queryParams(rawQuery string) (map[string]json.RawMessage, *refusal) {
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		return nil, refusef(http.StatusBadRequest, "The URL's query string is malformed.")
	}
	raw := map[string]json.RawMessage{}
	for _, name := range []string{"query", "operationName", "variables", "extensions"} {
		list := values[name]
		if len(list) > 1 {
			return nil, refusef(http.StatusBadRequest, "The parameter %s is there more than once.", name)
		}
		if len(list) == 0 || list[0] == "" {
			continue
		}
		if name == "variables" || name == "extensions" {
			raw[name] = json.RawMessage(list[0])
			continue
		}
		if raw[name], err = json.Marshal(list[0]); err != nil {
			return nil, refusef(http.StatusBadRequest, "The parameter %s is malformed.", name)
		}
	}
	return raw, nil
}

// decodeParams checks that each parameter is of its type; null is as good as
// none. Members that GraphQL does not know are ignored, as the specification asks.
func decodeParams(raw map[string]json.RawMessage) (*graphql.RawParams, *refusal) {
	p := &graphql.RawParams{}
	for name, into := range map[string]any{
		"query": &p.Query, "operationName": &p.OperationName,
		"variables": &p.Variables, "extensions": &p.Extensions,
	} {
		value, ok := raw[name]
		if !ok {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(value))
		dec.UseNumber() // whole numbers stay exact
		if err := dec.Decode(into); err != nil || !atEnd(dec) {
			kind := "a JSON object"
			if _, text := into.(*string); text {
				kind = "a string"
			}
			return nil, refusef(http.StatusBadRequest, "The parameter %s must be %s.", name, kind)
		}
	}
	if p.Query == "" {
		return nil, refusef(http.StatusBadRequest, "The parameter query is missing: it must be a string with a GraphQL document.")
	}
	return p, nil
}

func atEnd(dec *json.Decoder) bool {
	_, err := dec.Token()
	return errors.Is(err, io.EOF)
}
