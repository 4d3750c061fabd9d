package journal

import (
	"encoding/json"
	"sync"

	"procyon/access"
)

// maxActors is how many decoded actors are kept, and maxActorJSON how long each may be.
const (
	maxActors    = 4096
	maxActorJSON = 1024
)

// decodedActors keeps actors by their JSON: few people do most of what the journal has, and
// to decode one takes as long as to read the rest of an entry. Actors are values that nobody
// changes. When it is full it begins anew.
type decodedActors struct {
	mu    sync.RWMutex // guards known
	known map[string]access.Actor
}

var actors decodedActors

func (d *decodedActors) decode(stored []byte) (access.Actor, error) {
	d.mu.RLock()
	a, ok := d.known[string(stored)]
	d.mu.RUnlock()
	if ok {
		return a, nil
	}
	if err := json.Unmarshal(stored, &a); err != nil || len(stored) > maxActorJSON {
		return a, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known == nil || len(d.known) == maxActors {
		d.known = map[string]access.Actor{}
	}
	d.known[string(stored)] = a
	return a, nil
}
