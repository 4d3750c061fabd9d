package sqlite

import (
	"strings"
	"testing"
)

// Each index is read from itself, in its own order: else it would be compared with itself
// made anew from the table.
func TestIndexesAreReadFromThemselves(t *testing.T) {
	t.Parallel()
	_, db := openInside(t)
	for i := range indexes {
		x := &indexes[i]
		for _, part := range x.parts() {
			plan := explain(t, db, x.query+part.where)
			if strings.Contains(plan, "TEMP B-TREE") || !strings.Contains(plan, "COVERING INDEX") && !strings.Contains(plan, "SEARCH term USING PRIMARY KEY") {
				t.Errorf("%s is read so:\n%s", x.name, plan)
			}
		}
	}
}
