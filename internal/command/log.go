package command

import (
	"fmt"
	"io"
	"log/slog"
)

// logSettings say what the log is like.
type logSettings struct{ format, level string }

func (l *logSettings) add(s settings) {
	s.text(&l.format, "log-format", "text", "text or json")
	s.text(&l.level, "log-level", "info", "debug, info, warn or error")
}

// logger makes a logger that writes to w.
func (l *logSettings) logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.level)); err != nil {
		return nil, fmt.Errorf("PROCYON_LOG_LEVEL %q is none of debug, info, warn, error", l.level)
	}
	options := &slog.HandlerOptions{Level: level}
	switch l.format {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	default:
		return nil, fmt.Errorf("PROCYON_LOG_FORMAT %q is neither text nor json", l.format)
	}
}
