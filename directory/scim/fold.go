package scim

import "procyon/search"

// Fold is the form in which texts are compared that have no case: two have the same form
// exactly if strings.EqualFold says so.
func Fold(text string) string { return search.CaseFold(text) }
