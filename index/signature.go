package index

// signature says roughly which bytes and pairs of bytes a text has: one that lacks what a
// word has can't have the word. So a search reads few of the texts that it passes by.
type signature struct {
	bytes uint64
	pairs [2]uint64
}

func signatureOf(text string) (s signature) {
	for i := range len(text) {
		s.bytes |= 1 << (text[i] % 64)
		if i > 0 {
			n := (uint(text[i-1])*37 + uint(text[i])) % 128
			s.pairs[n/64] |= 1 << (n % 64)
		}
	}
	return s
}

// has tells whether a text may have a word.
func (s *signature) has(word *signature) bool {
	return word.bytes&^s.bytes|word.pairs[0]&^s.pairs[0]|word.pairs[1]&^s.pairs[1] == 0
}
