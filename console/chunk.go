package console

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// chunk is an entry of Vite's manifest: a file of scripts, and what it can't run without.
type chunk struct {
	File    string
	IsEntry bool
	Imports []string // the chunks that it imports, by their names in the manifest
	CSS     []string
}

// manifest holds all chunks: those of a source by that, others by a name of Vite's.
type manifest map[string]chunk

func readManifest() (manifest, error) {
	text, err := distFiles.ReadFile("dist/manifest.json")
	if err != nil {
		return nil, fmt.Errorf("console: %w; run 'make console'", err)
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("console: dist/manifest.json: %w", err)
	}
	return m, nil
}

// files returns the scripts and the styles that the chunks of some sources need, each once.
func (m manifest) files(sources []string) (scripts, styles []string, err error) {
	seen := map[string]bool{}
	var add func(name string) error
	add = func(name string) error {
		if seen[name] {
			return nil
		}
		seen[name] = true
		c, ok := m[name]
		if !ok {
			return fmt.Errorf("console: dist/manifest.json has no %s", name)
		}
		scripts = append(scripts, c.File)
		styles = append(styles, c.CSS...)
		for _, other := range c.Imports {
			if err := add(other); err != nil {
				return err
			}
		}
		return nil
	}
	for _, name := range sources {
		if err := add(name); err != nil {
			return nil, nil, err
		}
	}
	slices.Sort(styles)
	return scripts, slices.Compact(styles), nil
}

// documentsOf returns each page's document: the common one, which also names the files of the
// page. So a browser has them at once, and not only when the application has seen its address.
func documentsOf(common string) (map[string]string, error) {
	m, err := readManifest()
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, p := range pages {
		scripts, styles, err := m.files(p.chunks)
		if err != nil {
			return nil, err
		}
		var links strings.Builder
		link := func(format, file string) {
			if !strings.Contains(common, `"/`+file+`"`) {
				fmt.Fprintf(&links, format, file)
			}
		}
		for _, file := range scripts {
			link(`<link rel="modulepreload" crossorigin href="/%s">`, file)
		}
		for _, file := range styles {
			link(`<link rel="stylesheet" crossorigin href="/%s">`, file)
		}
		out[p.pattern] = strings.Replace(common, "</head>", links.String()+"</head>", 1)
	}
	return out, nil
}
