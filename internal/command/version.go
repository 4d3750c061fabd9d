package command

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// Version says which build this is.
func Version() *cobra.Command {
	return leaf("version", "print which build this is: its version, revision and Go", func(_ context.Context, c *cobra.Command) error {
		_, err := fmt.Fprintln(c.OutOrStdout(), versionText())
		return err
	})
}

// versionText is what the binary says of itself, in a line.
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "procyon of an unknown build"
	}
	return versionOf(info)
}

// versionOf says in a line of which source a build is: its version, where it was built from a
// release, and the revision, where it was built in a checkout; whether files were changed
// since; and by which Go, for which system.
func versionOf(info *debug.BuildInfo) string {
	of := map[string]string{}
	for _, s := range info.Settings {
		of[s.Key] = s.Value
	}
	text := "procyon"
	if v := info.Main.Version; v != "" && v != "(devel)" {
		text += " " + v
	} else {
		text += " of no release"
	}
	if revision := of["vcs.revision"]; revision != "" {
		text += ", revision " + revision[:min(len(revision), 12)]
		if day, _, ok := strings.Cut(of["vcs.time"], "T"); ok {
			text += " of " + day
		}
		if of["vcs.modified"] == "true" {
			text += " with changes"
		}
	}
	text += ", built by " + info.GoVersion
	if of["GOOS"] != "" {
		text += " for " + of["GOOS"] + "/" + of["GOARCH"]
	}
	return text
}
