package access

// Document is one stored JSON document: the current state of a subject (a
// view, which follows from the journal), or an operational record such as a
// session or a delivery.
//
// A document is found by its ID or by one of its Terms. A term is an exact
// key such as "request/status=PENDING"; the documents under one term are
// ordered by (Sort, ID). Every query of the product is a range of one term,
// or a merge of a few, so its cost does not grow with what is stored beside.
type Document struct {
	ID      string   // unique over all kinds; its prefix names the kind ("req_…")
	Version uint64   // 1, 2, 3, …: guards every change
	Sort    string   // order under each term; compared bytewise
	Terms   []string // where it is listed; none hides it from every list
	Data    []byte   // JSON
}

// Query asks for the documents under one term.
type Query struct {
	Term  string
	After *Position // exclusive, in the order asked for; nil starts at the end that Desc names
	Desc  bool      // newest (greatest) first
	Limit int       // at least 1
}

// Position is a place in a term's order.
type Position struct {
	Sort string
	ID   string
}
