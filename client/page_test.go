package client

import (
	"errors"
	"strings"
	"testing"
)

func TestEachPageReadsToTheEnd(t *testing.T) {
	pages := map[string]PageInfo{"": {true, "a"}, "a": {true, "b"}, "b": {false, "c"}}
	var read []string
	err := EachPage(func(after string) (PageInfo, error) {
		read = append(read, after)
		return pages[after], nil
	})
	if got := strings.Join(read, ","); got != ",a,b" || err != nil {
		t.Errorf("read behind %q: %v", got, err)
	}
	failed := errors.New("down")
	if err := EachPage(func(string) (PageInfo, error) { return PageInfo{true, "a"}, failed }); !errors.Is(err, failed) {
		t.Error(err)
	}
	if err := EachPage(func(string) (PageInfo, error) { return PageInfo{true, "a"}, nil }); err == nil {
		t.Error("a list that does not end")
	}
}
