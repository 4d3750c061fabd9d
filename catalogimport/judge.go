package catalogimport

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"procyon/access"
	"procyon/catalogfile"
	"procyon/phrase"
)

// of are the columns that the rows of each type can have, beside type and name.
var of = map[string][]string{
	"account":  {catalogfile.Provider, catalogfile.ExternalID},
	"gateway":  {},
	"resource": {catalogfile.Kind, catalogfile.Account, catalogfile.Gateway},
}

// known checks a row's type, and that it has nothing that its type has not.
func (c *checker) known(i int) {
	r := &c.rows[i]
	may, ok := of[r.Type]
	if !ok {
		c.wrong(i, catalogfile.Type, "%s Write account, gateway or resource.", missingOr(r.Type, "is no type of rows."))
		return
	}
	for _, column := range catalogfile.Columns()[2:] {
		if c.file[i].Cells[column] != "" && !slices.Contains(may, column) {
			c.wrong(i, column, "A row of the type %s has no %s. Empty this cell, or mend the type.", r.Type, column)
			return
		}
	}
	if len(c.file[i].Roles) > 0 && r.Type != "resource" {
		c.wrong(i, catalogfile.Roles, "A row of the type %s has no roles. Empty this cell, or mend the type.", r.Type)
	}
}

// missingOr says that a cell is empty, or what is wrong with what it has.
func missingOr(cell, wrong string) string {
	if cell == "" {
		return "This is missing."
	}
	return phrase.Quoted(bounded(cell)) + " " + wrong
}

// word brings one of a few words into the form of the API: Cloud role is CLOUD_ROLE.
func word(cell string) string {
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToUpper(cell))
}

// oneOf reads a cell that has one of a few words; "" where it has another, which it says.
func (c *checker) oneOf(i int, column, what string, words []string) string {
	cell := c.file[i].Cells[column]
	if slices.Contains(words, word(cell)) {
		return word(cell)
	}
	meant := ""
	for _, w := range words {
		if cell != "" && len(cell) < 30 && phrase.Slips(w, word(cell)) <= 2 {
			meant = " Did you mean " + w + "?"
			break
		}
	}
	c.wrong(i, column, "%s%s Write one of %s.", missingOr(cell, "is no "+what+"."), meant, strings.Join(words, ", "))
	return ""
}

// account judges the row of an account, which is known by its provider and its ID there.
func (c *checker) account(i int) {
	w := access.Wanted{Kind: access.KindAccount, Name: c.file[i].Cells[catalogfile.Name], ExternalID: c.file[i].Cells[catalogfile.ExternalID]}
	if w.Provider = c.oneOf(i, catalogfile.Provider, "provider", access.Providers()); w.Provider == "" {
		c.accounts.spoil(&c.file[i])
		return
	}
	w, err := w.Clean()
	if err != nil {
		_ = c.refused(i, err) // Clean has no other errors
		c.accounts.spoil(&c.file[i])
		return
	}
	found := c.accounts.identified(w.Provider, w.ExternalID)
	if len(found) > 1 {
		c.wrong(i, catalogfile.ExternalID, "More than one account of %s has this ID in the catalog. Delete all but one of them first.", w.Provider)
		return
	}
	var p *place
	if len(found) == 1 {
		p = found[0]
	}
	c.put(i, c.accounts, p, catalogfile.ExternalID, w)
}

// gateway judges the row of a gateway, which is known by its name.
func (c *checker) gateway(i int) {
	w, err := access.Wanted{Kind: access.KindGateway, Name: c.file[i].Cells[catalogfile.Name]}.Clean()
	if err != nil {
		_ = c.refused(i, err)
		c.gateways.spoil(&c.file[i])
		return
	}
	var p *place
	if found := c.gateways.byName[access.Fold(w.Name)]; len(found) > 0 {
		p = found[0]
	}
	c.put(i, c.gateways, p, catalogfile.Name, w)
}

// put judges the row of an account or gateway; p is what there is of it, nil for nothing.
func (c *checker) put(i int, l *places, p *place, by string, w access.Wanted) {
	if p != nil && p.row > 0 {
		c.wrong(i, by, "The row %d is of the same %s. Leave one of them out.", p.row, l.noun)
		return
	}
	if fault := l.taken(p, w.Name); fault != nil {
		c.rows[i].Fault = fault
		return
	}
	number := c.rows[i].Number
	if p == nil {
		p = &place{id: c.made(w.Kind, number), name: w.Name, provider: w.Provider, externalID: w.ExternalID, row: number, will: w.Name}
		l.add(p)
	} else {
		l.rename(p, w.Name, number)
	}
	w.ID, w.Version = p.id, p.version
	c.fits(i, w, access.AccountChanges(access.Account{Name: p.name}, w))
}

// made is the ID of what a row makes: it follows from the import and the row, so that the
// row makes it once, whoever puts it into the catalog, and however often.
func (c *checker) made(kind access.Kind, number int) string {
	return c.s.catalog.DeriveID(kind, "imported", c.id, strconv.Itoa(number))
}

// lookedUpAtOnce is how many resources are looked up at once. More of them would be faster,
// and leave no core to others.
const lookedUpAtOnce = 2

// resources judges the rows of resources, which are known by their name where they belong.
func (c *checker) resources(ctx context.Context) error {
	type lookup struct {
		i int
		w access.Wanted
	}
	var all []lookup
	rows := map[string]int{} // the numbers of rows, by what they are of
	for i := range c.rows {
		if c.rows[i].Fault != nil || c.rows[i].Type != "resource" {
			continue
		}
		w, fresh, ok := c.resource(i)
		if !ok {
			continue
		}
		key := w.Parent() + "\x00" + access.Fold(w.Name)
		if n := rows[key]; n > 0 {
			c.wrong(i, catalogfile.Name, "The row %d is of the same resource. Leave one of them out.", n)
			continue
		}
		rows[key] = c.rows[i].Number
		if fresh {
			w.ID = c.made(w.Kind, c.rows[i].Number)
			c.fits(i, w, nil)
			continue
		}
		all = append(all, lookup{i, w})
	}
	errs := make([]error, len(all))
	access.InParallel(len(all), lookedUpAtOnce, func(n int) { errs[n] = c.held(ctx, all[n].i, all[n].w) })
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// resource reads the row of a resource. fresh says that what it belongs to is to be made, so
// that it can't be there yet.
func (c *checker) resource(i int) (w access.Wanted, fresh, ok bool) {
	kinds := make([]string, 0, len(access.ResourceKinds()))
	for _, k := range access.ResourceKinds() {
		kinds = append(kinds, string(k))
	}
	cells := c.file[i].Cells
	w = access.Wanted{Kind: access.KindResource, Name: cells[catalogfile.Name], Roles: c.file[i].Roles}
	if w.ResourceKind = access.ResourceKind(c.oneOf(i, catalogfile.Kind, "kind", kinds)); w.ResourceKind == "" {
		return w, false, false
	}
	for _, in := range []struct {
		cell string
		of   *places
		id   *string
	}{{cells[catalogfile.Account], c.accounts, &w.AccountID}, {cells[catalogfile.Gateway], c.gateways, &w.GatewayID}} {
		if in.cell == "" {
			continue
		}
		p, fault := in.of.find(in.cell)
		if fault != nil {
			c.rows[i].Fault = fault
			return w, false, false
		}
		*in.id, fresh = p.id, p.version == 0
	}
	w, err := w.Clean()
	if err != nil {
		_ = c.refused(i, err)
		return w, false, false
	}
	return w, fresh, true
}

// held holds the row of a resource against the catalog.
func (c *checker) held(ctx context.Context, i int, w access.Wanted) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	found, err := c.s.catalog.ResourceNamed(ctx, w.Parent(), w.Name)
	if err != nil {
		return err
	}
	if found.Version == 0 {
		w.ID = c.made(w.Kind, c.rows[i].Number)
		c.fits(i, w, nil)
		return nil
	}
	w.ID, w.Version = found.State.ID, found.Version
	changes, err := c.s.catalog.ResourceChanges(ctx, found.State, w)
	if err != nil {
		return c.refused(i, err)
	}
	c.fits(i, w, changes)
	return nil
}
