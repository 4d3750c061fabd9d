package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// machineTitle is the title of the machine's facts.
const machineTitle = "the machine"

// machine writes the facts without which no figure means anything.
func (r *report) machine() error {
	sync, err := syncLatency(r.dir, 200)
	if err != nil {
		return err
	}
	rows := [][]string{
		{"CPU", cpuName()},
		{"cores", fmt.Sprint(runtime.NumCPU())},
		{"memory", memory()},
		{"system", system()},
		{"Go", runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH},
		{syncCall + " of 4 KiB, median of 200", sync.String()},
		{"date", time.Now().UTC().Format(time.DateOnly)},
	}
	fmt.Fprintln(r.out, "## "+machineTitle)
	r.table([]string{"fact", "value"}, rows)
	return nil
}

// syncLatency is the median time of making an appended block durable.
func syncLatency(dir string, n int) (time.Duration, error) {
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	block, took := make([]byte, 4096), make([]time.Duration, 0, n)
	for range n {
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
		began := time.Now()
		if err := dataSync(f); err != nil {
			return 0, fmt.Errorf("%s: %w", syncCall, err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[n/2].Round(time.Microsecond), nil
}

func cpuName() string { return field("/proc/cpuinfo", "model name") }

func memory() string {
	var kib int64
	if _, err := fmt.Sscan(field("/proc/meminfo", "MemTotal"), &kib); err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%.1f GiB", float64(kib)/(1<<20))
}

func system() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return runtime.GOOS
	}
	return runtime.GOOS + " " + strings.TrimSpace(string(release))
}

// field returns the value of the first line "name: value" of a file.
func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
