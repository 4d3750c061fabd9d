package catalogimport

import (
	"strconv"

	"procyon/access"
	"procyon/catalogfile"
	"procyon/phrase"
)

// place is an account or a gateway, of the catalog or of the file.
type place struct {
	id         string
	version    uint64 // in the catalog; 0: it is to be made
	name       string // in the catalog, or in the file where it is to be made
	provider   string
	externalID string

	row  int    // the number of the row that is of it; 0: none
	will string // its name when the file is imported; "" where no row is of it
}

// places are the accounts, or the gateways, of the catalog and of the file.
type places struct {
	noun       string
	byName     map[string][]*place // folded; also by what they will be called
	byExternal map[string][]*place
	spoiled    map[string]int // the numbers of rows that are wrong, by what they could be referred to
}

func newPlaces(noun string) *places {
	return &places{noun, map[string][]*place{}, map[string][]*place{}, map[string]int{}}
}

func (l *places) add(p *place) {
	l.byName[access.Fold(p.name)] = append(l.byName[access.Fold(p.name)], p)
	if p.externalID != "" {
		l.byExternal[p.externalID] = append(l.byExternal[p.externalID], p)
	}
}

// rename has a place found by the name that a row gives it, too.
func (l *places) rename(p *place, name string, row int) {
	p.will, p.row = name, row
	if key := access.Fold(name); key != access.Fold(p.name) {
		l.byName[key] = append(l.byName[key], p)
	}
}

// spoil notes a row that is wrong: what belongs to it can't be right.
func (l *places) spoil(r *catalogfile.Row) {
	for _, key := range []string{access.Fold(r.Cells[catalogfile.Name]), "\x00" + r.Cells[catalogfile.ExternalID]} {
		if key != "" && key != "\x00" && l.spoiled[key] == 0 {
			l.spoiled[key] = r.Number
		}
	}
}

// identified finds the accounts of a provider with an ID there.
func (l *places) identified(provider, externalID string) []*place {
	var out []*place
	for _, p := range l.byExternal[externalID] {
		if p.provider == provider {
			out = append(out, p)
		}
	}
	return out
}

// find finds what a cell of a resource refers to, by name or ID at the provider.
func (l *places) find(cell string) (*place, *catalogfile.Fault) {
	found := l.byName[access.Fold(cell)]
	for _, p := range l.byExternal[cell] {
		if len(found) == 0 || found[0] != p {
			found = append(found[:len(found):len(found)], p)
		}
	}
	fault := &catalogfile.Fault{Column: l.noun}
	switch row := l.spoiled[access.Fold(cell)] + l.spoiled["\x00"+cell]; {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		fault.Message = "More than one " + l.noun + " is called " + phrase.Quoted(bounded(cell)) + ", or has that ID. Write the one's name that no other has."
	case row > 0:
		fault.Message = "The " + l.noun + " " + phrase.Quoted(bounded(cell)) + " is in a row that is wrong itself. Mend that first."
	default:
		fault.Message = "There is no " + l.noun + " " + phrase.Quoted(bounded(cell)) + ", neither in the catalog nor in the file."
	}
	return nil, fault
}

// taken says who has a name already, or will have; nil where only p does.
func (l *places) taken(p *place, name string) *catalogfile.Fault {
	for _, other := range l.byName[access.Fold(name)] {
		if other == p {
			continue
		}
		if other.row > 0 && access.Fold(other.will) == access.Fold(name) {
			return &catalogfile.Fault{Column: catalogfile.Name, Message: "The row " + strconv.Itoa(other.row) + " gives the same name. Give one of them another."}
		}
		return &catalogfile.Fault{Column: catalogfile.Name, Message: "There is already another " + l.noun + " named " + phrase.Quoted(other.name) + ". Give this one another name."}
	}
	return nil
}
