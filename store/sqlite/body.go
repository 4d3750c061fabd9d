package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"procyon/internal/pack"
	"procyon/store"
)

// errBody says that what is stored of a document can't be read.
var errBody = errors.New("sqlite: a document is damaged; rebuild the views if it is one")

// packBody makes one of a document's data and terms.
func packBody(d *store.Document) []byte {
	parts := make([][]byte, 1, 1+len(d.Terms))
	parts[0] = d.Data
	for _, t := range d.Terms {
		parts = append(parts, []byte(t))
	}
	return pack.Pack(parts, d.ID, d.Sort)
}

// setBody is the inverse of packBody. ID and Sort must be set. No terms are nil.
func setBody(d *store.Document, body []byte) error { return setParts(d, body, pack.Unpack) }

// lendBody is setBody, but that the data is valid until o is used again.
func lendBody(d *store.Document, body []byte, o *pack.Opener) error {
	return setParts(d, body, o.Unpack)
}

func setParts(d *store.Document, body []byte, unpack func(packed []byte, known ...string) ([][]byte, error)) error {
	parts, err := unpack(body, d.ID, d.Sort)
	if errors.Is(err, pack.ErrNewer) {
		return fmt.Errorf("sqlite: document %s: %w", d.ID, err)
	}
	if err != nil || len(parts) == 0 {
		return fmt.Errorf("%w: %s", errBody, d.ID)
	}
	d.Data, d.Terms = parts[0], nil
	if len(parts) > 1 {
		d.Terms = make([]string, len(parts)-1)
		all := string(bytes.Join(parts[1:], nil)) // one text, of which each is a part
		for i, p := range parts[1:] {
			d.Terms[i], all = all[:len(p)], all[len(p):]
		}
	}
	return nil
}

// packDocuments moves the documents of an older release to where they are packed.
func packDocuments(ctx context.Context, conn *sql.Conn) error {
	for last := int64(0); ; {
		docs, to, err := formerDocuments(ctx, conn, last)
		if err != nil {
			return err
		}
		for i := range docs {
			d := &docs[i]
			_, err := conn.ExecContext(ctx, `INSERT INTO document (id, version, sort, body) VALUES (?, ?, ?, ?)`, d.ID, int64(d.Version), d.Sort, packBody(d))
			if err != nil {
				return fmt.Errorf("pack %s: %w", d.ID, err)
			}
		}
		if to == 0 {
			_, err := conn.ExecContext(ctx, `DROP TABLE former_document`)
			return err
		}
		last = to
	}
}

// formerDocuments reads some documents after a row, and returns the last of their rows; 0:
// there are none. Terms that are damaged are left out: a rebuild lists the document again.
func formerDocuments(ctx context.Context, conn *sql.Conn, after int64) (docs []store.Document, last int64, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT rowid, id, version, sort, terms, data FROM former_document WHERE rowid > ? ORDER BY rowid LIMIT ?`, after, documentChunk)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var d store.Document
		var terms []byte
		if err := rows.Scan(&last, &d.ID, &d.Version, &d.Sort, &terms, &d.Data); err != nil {
			return nil, 0, err
		}
		d.Terms, _ = unpackTerms(terms)
		docs = append(docs, d)
	}
	return docs, last, rows.Err()
}
