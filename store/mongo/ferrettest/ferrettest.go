// Package ferrettest serves an embedded FerretDB, a server that speaks MongoDB's
// protocol and keeps its data in SQLite files, so that the MongoDB store can be
// tested where there is no MongoDB. It is a module of its own: what FerretDB
// depends on stays out of the product.
//
// FerretDB replaces a document in two steps that are not atomic: compare-and-set
// races are not to be tested against it.
package ferrettest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/FerretDB/FerretDB/ferretdb"
)

// Server is a running FerretDB.
type Server struct {
	uri  string
	stop context.CancelFunc
	done chan struct{}
}

// Start serves the data in the folder dir, which exists, on a TCP address such
// as "127.0.0.1:0". It listens when Start returns. Nothing is reported to anybody.
func Start(address, dir string) (*Server, error) {
	full, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("ferrettest: %s: %w", dir, err)
	}
	if strings.ContainsAny(full, "?#%") {
		return nil, errors.New("ferrettest: the folder's path must not contain any of ?, # and %")
	}
	db, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: address},
		Logger:    slog.New(slog.DiscardHandler),
		Handler:   "sqlite",
		SQLiteURL: (&url.URL{Scheme: "file", Opaque: full + "/"}).String(),
	})
	if err != nil {
		return nil, fmt.Errorf("ferrettest: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{stop: stop, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		_ = db.Run(ctx) // it never fails
	}()
	s.uri = db.MongoDBURI()
	return s, nil
}

// URI returns the address to connect to, without a database.
func (s *Server) URI() string { return s.uri }

// Stop ends the server and returns once it has ended. It may be called more than once.
func (s *Server) Stop() {
	s.stop()
	<-s.done
}
