package command

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// A process can be inspected while its command runs, and not once that has ended.
func TestServiceIsInspected(t *testing.T) {
	var log bytes.Buffer
	c := &cobra.Command{}
	c.SetErr(&log)
	s := service{logSettings{"text", "info"}, "127.0.0.1:0"}
	var url string
	ask := func(ctx context.Context) (string, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return "", err
		}
		req.Close = true
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return string(body), err
	}
	failed := errors.New("the command failed")
	err := s.run(t.Context(), c, func(ctx context.Context, _ *slog.Logger) error {
		address := regexp.MustCompile(`address=(\S+)`).FindStringSubmatch(log.String())
		if address == nil {
			t.Fatalf("the log says %q", log.String())
		}
		url = "http://" + address[1] + "/debug/pprof/goroutine?debug=2"
		if body, err := ask(ctx); err != nil || !strings.Contains(body, "command.(*service).run") {
			t.Errorf("%v, %s", err, body)
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Error(err)
	}
	if _, err := ask(t.Context()); err == nil {
		t.Error("it is still answered")
	}
	log.Reset()
	if err := (&service{logSettings: s.logSettings}).run(t.Context(), c, func(context.Context, *slog.Logger) error { return nil }); err != nil || log.Len() > 0 {
		t.Errorf("without an address: %v, %s", err, log.String())
	}
}
