package condition

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"procyon/policy"
)

// What conditions see of what is asked for: their names for it, and nothing else of it. A
// field's tag is its name in conditions; the package's comment says what each means.
type (
	person struct {
		ID     string   `cel:"id"`
		Name   string   `cel:"name"`
		Email  string   `cel:"email"`
		Groups []string `cel:"groups"`
	}
	thing struct {
		Resource place             `cel:"resource"`
		Account  place             `cel:"account"`
		Gateway  place             `cel:"gateway"`
		Kind     string            `cel:"kind"`
		Role     string            `cel:"role"`
		Tags     map[string]string `cel:"tags"`
	}
	place struct {
		ID   string `cel:"id"`
		Name string `cel:"name"`
	}
)

// The names of these types in CEL. An alias would not reach those of fields.
const (
	personType = "condition.person"
	thingType  = "condition.thing"
	placeType  = "condition.place"
)

// declarations are the types and the variables of all conditions.
func declarations() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Types(
			cel.NativeTypeFor[person](types.ParseStructTags(true)),
			cel.NativeTypeFor[place](types.ParseStructTags(true)),
			cel.NativeTypeFor[thing](types.ParseStructTags(true)),
		),
		cel.Variable("holder", cel.ObjectType(personType)),
		cel.Variable("item", cel.ObjectType(thingType)),
		cel.Variable("items", cel.ListType(cel.ObjectType(thingType))),
		cel.Variable("duration", cel.DurationType),
		cel.Variable("now", cel.TimestampType),
		cel.Variable("startsAt", cel.TimestampType),
		cel.Variable("reason", cel.StringType),
		cel.Variable("ticket", cel.StringType),
	}
}

// variables are the values for one evaluation. Those that have to be made are, once a
// condition reads them.
func variables(a *policy.Ask, item *policy.Item) map[string]any {
	startsAt := a.StartsAt
	if startsAt.IsZero() {
		startsAt = a.Now
	}
	return map[string]any{
		"holder": func() any {
			return person{ID: a.Holder.ID, Name: a.Holder.Name, Email: a.Holder.Email, Groups: a.Holder.GroupIDs(a.Now)}
		},
		"item": func() any { return thingOf(item) },
		"items": func() any {
			out := make([]thing, len(a.Items))
			for i := range a.Items {
				out[i] = thingOf(&a.Items[i])
			}
			return out
		},
		"duration": a.Duration.Duration(),
		"now":      a.Now,
		"startsAt": startsAt,
		"reason":   a.Reason,
		"ticket":   a.Ticket,
	}
}

func thingOf(i *policy.Item) thing {
	tags := make(map[string]string, len(i.Tags))
	for _, t := range i.Tags {
		tags[t.Key] = t.Value
	}
	return thing{
		Resource: place{i.ResourceID, i.Resource}, Account: place{i.AccountID, i.Account}, Gateway: place{i.GatewayID, i.Gateway},
		Kind: i.Kind, Role: i.Role, Tags: tags,
	}
}
