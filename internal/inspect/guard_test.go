package inspect

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Few are answered at a time, and others once these are done.
func TestFewAtATime(t *testing.T) {
	began, end := make(chan struct{}), make(chan struct{})
	h := guarded(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		began <- struct{}{}
		<-end
	}))
	ask := func() int {
		w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:6060/debug/pprof/heap", nil)
		h.ServeHTTP(w, r)
		return w.Code
	}
	answers := make(chan int, most)
	for range most {
		go func() { answers <- ask() }()
		<-began
	}
	if status := ask(); status != http.StatusTooManyRequests {
		t.Errorf("one too many: %d", status)
	}
	end <- struct{}{}
	if status := <-answers; status != http.StatusOK {
		t.Error(status)
	}
	go func() { answers <- ask() }()
	<-began
	close(end)
	for range most {
		if status := <-answers; status != http.StatusOK {
			t.Error(status)
		}
	}
}
