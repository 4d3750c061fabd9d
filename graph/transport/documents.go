package transport

import (
	"container/list"
	"context"
	"crypto/sha256"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// Documents keeps parsed and validated documents, so that an operation which is sent
// again is not parsed again. They are found by a hash of their text, and those that were
// not used for the longest time go first. It is safe for concurrent use.
type Documents struct {
	bytes int
	may   func(context.Context) bool

	mu    sync.Mutex // guards held, byKey and order
	held  int        // bytes
	byKey map[[sha256.Size]byte]*list.Element
	order *list.List // of document, the one used last in front
}

type document struct {
	key  [sha256.Size]byte
	doc  *ast.QueryDocument
	size int
}

var _ graphql.Cache[*ast.QueryDocument] = (*Documents)(nil)

// DefaultDocumentBytes is how much memory kept documents take, as weigh tells it:
// some hundreds of a usual size.
const DefaultDocumentBytes = 32 << 20

// NewDocuments makes a cache that holds at most so many bytes of memory. may tells who
// can use it: for all others nothing is kept and nothing found, so that they can fill no
// memory and push nobody's documents out.
func NewDocuments(bytes int, may func(context.Context) bool) *Documents {
	return &Documents{bytes: bytes, may: may, byKey: map[[sha256.Size]byte]*list.Element{}, order: list.New()}
}

// Get implements graphql.Cache.
func (c *Documents) Get(ctx context.Context, text string) (*ast.QueryDocument, bool) {
	if !c.may(ctx) {
		return nil, false
	}
	key := sha256.Sum256([]byte(text))
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[key]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*document).doc, true //nolint:forcetypeassert // order holds nothing else
}

// Add implements graphql.Cache.
func (c *Documents) Add(ctx context.Context, text string, doc *ast.QueryDocument) {
	if !c.may(ctx) {
		return
	}
	d := &document{key: sha256.Sum256([]byte(text)), doc: doc, size: weigh(text)}
	if d.size > c.bytes {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.byKey[d.key]; there {
		return
	}
	c.byKey[d.key] = c.order.PushFront(d)
	for c.held += d.size; c.held > c.bytes; {
		last := c.order.Remove(c.order.Back()).(*document) //nolint:forcetypeassert // order holds nothing else
		delete(c.byKey, last.key)
		c.held -= last.size
	}
}

// bytesPerToken is more than what a token becomes when it is parsed and validated: an
// element of a list, with its value, its type and its place in the text.
const bytesPerToken = 400

// weigh returns how much memory a parsed document takes at most, in bytes.
func weigh(text string) int {
	size := len(text) + 4096
	l := lexer.New(&ast.Source{Input: text})
	for {
		t, err := l.ReadToken()
		if err != nil || t.Kind == lexer.EOF {
			return size
		}
		size += bytesPerToken
	}
}
