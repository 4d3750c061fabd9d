package app

import (
	"context"
	"time"
)

// importsEvery is how often a server looks for imports of the catalog that nobody works at:
// those that another server began and could not finish.
const importsEvery = 5 * time.Second

// imports puts the rows of imports into the catalog, until ctx is done: of those that were
// started here at once, of others that nobody works at a few seconds later.
func (c *Core) imports(ctx context.Context) error {
	tick := time.NewTicker(importsEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := c.Imports.Work(ctx); err != nil && ctx.Err() == nil {
			c.log.Error("an import of the catalog can't go on; trying again", "error", err)
		}
		select {
		case <-c.Imports.Wake():
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	return nil
}
