package slackbot

import "slices"

// rotation is a queue of messages' keys that takes them in turn for the people whose
// requests they are about: one who asks for much holds up their own messages alone. Of
// one person the first comes first. The zero rotation is empty.
type rotation struct {
	order []string            // who has messages; the first is next
	keys  map[string][]string // of each of them
}

func (r *rotation) push(by, key string) {
	if r.keys == nil {
		r.keys = map[string][]string{}
	}
	if len(r.keys[by]) == 0 {
		r.order = append(r.order, by)
	}
	r.keys[by] = append(r.keys[by], key)
}

// pop takes the next key, and lets the others come before this person's next one.
func (r *rotation) pop() (key string, ok bool) {
	if r.empty() {
		return "", false
	}
	by := r.order[0]
	r.order = r.order[1:]
	key = r.keys[by][0]
	r.keep(by, r.keys[by][1:])
	if len(r.keys[by]) > 0 {
		r.order = append(r.order, by)
	}
	return key, true
}

// remove takes a key out, if it is there.
func (r *rotation) remove(by, key string) {
	r.keep(by, slices.DeleteFunc(r.keys[by], func(k string) bool { return k == key }))
	if len(r.keys[by]) == 0 {
		r.order = slices.DeleteFunc(r.order, func(who string) bool { return who == by })
	}
}

func (r *rotation) keep(by string, keys []string) {
	if len(keys) == 0 {
		delete(r.keys, by)
		return
	}
	r.keys[by] = keys
}

func (r *rotation) empty() bool { return len(r.order) == 0 }
