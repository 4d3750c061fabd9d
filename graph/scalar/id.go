package scalar

import (
	"encoding/json"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
)

// MarshalID writes an object's ID.
func MarshalID(id string) graphql.Marshaler { return graphql.MarshalString(id) }

// UnmarshalID reads an object's ID: a text, or a whole number, as the GraphQL
// specification has it. No object has the empty one. It is refused rather than taken for
// none, because a filter by none lets everything pass.
func UnmarshalID(v any) (string, error) {
	var id string
	switch v := v.(type) {
	case string:
		id = v
	case json.Number:
		id = v.String()
	case int:
		id = strconv.Itoa(v)
	case int64:
		id = strconv.FormatInt(v, 10)
	default:
		return "", invalid("ID", "must be a string")
	}
	if id == "" {
		return "", invalid("ID", "must not be empty: leave it out, or give null, where you mean none")
	}
	return id, nil
}
