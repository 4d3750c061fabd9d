package command

import (
	"runtime/debug"
	"testing"
)

func TestVersionOf(t *testing.T) {
	set := func(pairs ...string) (out []debug.BuildSetting) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, debug.BuildSetting{Key: pairs[i], Value: pairs[i+1]})
		}
		return out
	}
	for want, info := range map[string]*debug.BuildInfo{
		"procyon v1.2.3, built by go1.26.0 for linux/arm64": {
			GoVersion: "go1.26.0", Main: debug.Module{Version: "v1.2.3"}, Settings: set("GOOS", "linux", "GOARCH", "arm64"),
		},
		"procyon of no release, revision 0123456789ab of 2026-11-29 with changes, built by go1.26.0": {
			GoVersion: "go1.26.0", Main: debug.Module{Version: "(devel)"},
			Settings: set("vcs.revision", "0123456789abcdef0123", "vcs.time", "2026-11-29T10:00:00Z", "vcs.modified", "true"),
		},
		"procyon of no release, revision 0123, built by go1.26.0": {GoVersion: "go1.26.0", Settings: set("vcs.revision", "0123", "vcs.modified", "false")},
	} {
		if got := versionOf(info); got != want {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}
