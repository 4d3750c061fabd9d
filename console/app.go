package console

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// The built application, from the sources in web/: `make console` builds it. Its files are
// committed, so that who builds the binary needs no Node.
//
//go:embed dist
var distFiles embed.FS

// application is the single-page application: a document for each of its pages, and files
// whose names hold a sum of their content.
type application struct {
	documents map[string]string // by the page's pattern, with the placeholders below
}

// What vite.config.ts and index.html leave for each answer to fill in.
const (
	nonceHere = "PROCYON-NONCE"
	csrfHere  = "PROCYON-CSRF"
	iconHere  = "/assets/PROCYON-ICON"
)

// appPage is a page of the application, with what its document loads beside what all do.
type appPage struct {
	pattern string
	chunks  []string // by their sources
}

// The pages of the application. Any other address is not found, by its status too.
const cacheChunk = "src/api/Cached.tsx"

var pages = []appPage{
	{"GET /{$}", []string{cacheChunk, "src/home/HomePage.tsx"}},
	{"GET /requests", nil}, // it is in the file that all pages begin with
	{"GET /requests/{id}", []string{cacheChunk, "src/requests/RequestPage.tsx"}},
	{"GET /ask", []string{cacheChunk, "src/ask/AskPage.tsx"}},
	{"GET /catalog", []string{"src/catalog/CatalogPage.tsx"}},
	{"GET /catalog/import", []string{"src/catalog/ImportPage.tsx"}},
	{"GET /audit", []string{"src/audit/AuditPage.tsx"}},
	{"GET /integrations", []string{cacheChunk, "src/integrations/IntegrationsPage.tsx"}},
	{"GET /people", []string{cacheChunk, "src/people/PeoplePage.tsx"}},
	{"GET /people/{rest...}", []string{cacheChunk, "src/people/PersonPage.tsx"}},
	{"GET /groups", []string{"src/groups/GroupsPage.tsx"}},
	{"GET /groups/{rest...}", []string{"src/groups/GroupPage.tsx"}},
	{"GET /policies", []string{"src/policies/PoliciesPage.tsx"}},
	{"GET /profile", []string{cacheChunk, "src/profile/ProfilePage.tsx"}},
	{"GET /slack", []string{cacheChunk, "src/slack/SlackPage.tsx"}},
	{"GET /integrations/{rest...}", []string{cacheChunk, "src/integrations/IntegrationPage.tsx"}},
	{"GET /overview", []string{cacheChunk, "src/overview/OverviewPage.tsx"}},
	{"GET /api", []string{"src/apidocs/ApiPage.tsx", "src/apidocs/Examples.tsx"}},
}

func loadApplication(iconPath string) (application, []route, error) {
	document, err := distFiles.ReadFile("dist/index.html")
	if err != nil {
		return application{}, nil, fmt.Errorf("console: %w; run 'make console'", err)
	}
	for _, placeholder := range []string{nonceHere, csrfHere, iconHere} {
		if !bytes.Contains(document, []byte(placeholder)) {
			return application{}, nil, fmt.Errorf("console: dist/index.html has no place for %s", placeholder)
		}
	}
	var routes []route
	err = fs.WalkDir(distFiles, "dist/assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		serve, err := file(name)
		routes = append(routes, route{"GET " + strings.TrimPrefix(name, "dist"), serve})
		return err
	})
	if err != nil {
		return application{}, nil, err
	}
	documents, err := documentsOf(strings.ReplaceAll(string(document), iconHere, iconPath))
	return application{documents}, routes, err
}

// file serves a file of the application, which browsers may keep for ever. Texts are
// compressed once, when somebody first asks.
func file(name string) (http.HandlerFunc, error) {
	content, err := distFiles.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	mediaType := mime.TypeByExtension(path.Ext(name))
	if strings.HasSuffix(name, ".js") {
		mediaType = "text/javascript; charset=utf-8"
	}
	small := sync.OnceValues(func() ([]byte, error) { return compressed(content) })
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", mediaType)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Vary", "Accept-Encoding")
		body := content
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			if b, err := small(); err == nil && len(b) < len(content) {
				h.Set("Content-Encoding", "gzip")
				body = b
			}
		}
		_, _ = w.Write(body)
	}, nil
}

func compressed(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(content)
	err = errors.Join(err, w.Close()) // which writes what is left
	return b.Bytes(), err
}

// showApplication answers each of the application's addresses with its document. What is
// there is asked from the API by the application itself, as whoever is signed in.
func (c *Console) showApplication(w http.ResponseWriter, r *http.Request, s session) error {
	nonce := rand.Text()
	h := w.Header()
	h.Set("Content-Security-Policy", applicationPolicy(nonce))
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, err := strings.NewReplacer(nonceHere, nonce, csrfHere, s.csrf).WriteString(w, c.application.documents[r.Pattern])
	return err
}

// applicationPolicy lets the application load its own files and talk to its own server,
// and nothing else. Styles that it makes need the nonce; no script may be inline.
func applicationPolicy(nonce string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
}
