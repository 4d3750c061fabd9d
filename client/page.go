package client

import "errors"

// PageInfo is where a page of a list stands, as `pageInfo { hasNextPage endCursor }` has it.
type PageInfo struct {
	HasNextPage bool   `json:"hasNextPage"`
	EndCursor   string `json:"endCursor"`
}

// EachPage reads a list to its end, page by page. It gives read the cursor behind which the
// next page begins, "" for the first, and read returns where that page stands. So no first
// page is taken for the whole. It ends with read's error.
func EachPage(read func(after string) (PageInfo, error)) error {
	for after := ""; ; {
		page, err := read(after)
		if err != nil || !page.HasNextPage {
			return err
		}
		if page.EndCursor == "" || page.EndCursor == after {
			return errors.New("client: a list goes on, and its page does not say where")
		}
		after = page.EndCursor
	}
}
