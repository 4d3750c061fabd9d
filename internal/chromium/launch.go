// Package chromium is Playwright's Chromium for tests and the benchmark: what people see
// and press is tested where they see and press it. Nothing is ever downloaded: Chromium is
// the system's, and Playwright is what npm installed in testdata/playwright.
package chromium

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/mxschmitt/playwright-go"
)

// ErrMissing is what Launch wraps where something is not installed; the error says what.
var ErrMissing = errors.New("no browser")

// Launch starts a headless Chromium, and returns it with what ends it. Each context of it
// is a person with cookies of their own.
func Launch() (web playwright.Browser, end func() error, err error) {
	bin, err := find("chromium", "chromium-browser", "google-chrome")
	if err != nil {
		return nil, nil, err
	}
	node, err := find("node")
	if err != nil {
		return nil, nil, err
	}
	core := beside("testdata", "playwright", "node_modules", "playwright-core")
	if _, err := os.Stat(core); err != nil {
		return nil, nil, fmt.Errorf("%w: playwright-core is missing: run make install/internal/chromium/testdata/playwright", ErrMissing)
	}
	dir, err := os.MkdirTemp("", "procyon-chromium-")
	if err != nil {
		return nil, nil, err
	}
	ends := []func() error{func() error { return os.RemoveAll(dir) }}
	end = func() error {
		var all error
		for i := len(ends) - 1; i >= 0; i-- {
			all = errors.Join(all, ends[i]())
		}
		return all
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, end())
		}
	}()
	for name, to := range map[string]string{"node": node, "package": core} { // as Playwright's own folder would be
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			return nil, nil, err
		}
	}
	driver, err := playwright.Run(&playwright.RunOptions{DriverDirectory: dir, SkipInstallBrowsers: true})
	if err != nil {
		return nil, nil, err
	}
	ends = append(ends, driver.Stop)
	web, err = driver.Chromium.Launch(playwright.BrowserTypeLaunchOptions{
		ExecutablePath:  &bin,
		ChromiumSandbox: playwright.Bool(false), // which root can't have
		Args:            []string{"--disable-gpu"},
	})
	if err != nil {
		return nil, nil, err
	}
	ends = append(ends, func() error { return web.Close() })
	return web, end, nil
}

// find is the first of some programs that PATH has.
func find(names ...string) (string, error) {
	for _, name := range names {
		if bin, err := exec.LookPath(name); err == nil {
			return bin, nil
		}
	}
	return "", fmt.Errorf("%w: %s is missing: install it", ErrMissing, names[0])
}

// beside is a path that starts at this package's folder.
func beside(parts ...string) string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(append([]string{filepath.Dir(here)}, parts...)...)
}
