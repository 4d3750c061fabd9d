package slackworkspace

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"procyon/access"
	"procyon/store"
)

// The channels that the app sees in a workspace are what Slack said last, and no history:
// they are kept beside the journal, encrypted, in pieces under a head. A listing is told
// piece by piece, and takes the place of the one before as a whole, when its last piece
// has come. Only Slack's own word changes it, so what it does not know is not refused.

// Channel is a channel as the app saw it.
type Channel struct {
	ChannelID string `json:"id"`
	Name      string `json:"n"` // without the #
	Private   bool   `json:"p,omitempty"`
	Archived  bool   `json:"a,omitempty"`
	Member    bool   `json:"m,omitempty"` // the app is in it
	External  bool   `json:"x,omitempty"` // shared with another company
}

// Piece is a part of a listing.
type Piece struct {
	Listing  string // the caller's name of the listing, another one each time
	Number   int    // 1, 2, 3, …
	Last     bool
	Complete bool // of the last: the listing has all that the app sees, private ones too
	Channels []Channel
}

const (
	maxPiece   = 500
	maxPieces  = 200
	maxListing = 80 // bytes of its name

	// freshFor is how long it is held against a channel that the last listing has not got
	// it, or has it otherwise: the bot lists every hour, and after each event.
	freshFor = 2 * time.Hour
	// keptListings is of how many workspaces the channels are held in memory.
	keptListings = 8
)

// directory keeps what the app saw.
type directory struct {
	docs store.Documents

	mu    sync.Mutex          // guards known
	known map[string]directed // by workspace
}

// directed is a listing in memory.
type directed struct {
	of   listing
	list []Channel // by name
}

// listing is the head of a listing, as it is stored.
type listing struct {
	Name     string    `json:"name"` // "" where none was finished
	Pieces   int       `json:"pieces"`
	AsOf     time.Time `json:"asOf,omitzero"`
	Complete bool      `json:"complete,omitempty"`
	Wanted   time.Time `json:"wanted,omitzero"` // when a newer one was last asked for
}

// storedPiece is a piece as it is stored.
type storedPiece struct {
	Listing string    `json:"listing"`
	At      time.Time `json:"at"`
	Sealed  string    `json:"sealed"`
}

// Directory says what is known of a workspace's channels.
type Directory struct {
	// AsOf is when the listing began; zero where there is none yet.
	AsOf time.Time
	// Complete: it has every channel that the app sees.
	Complete bool
	// Wanted: somebody has asked for a newer one.
	Wanted bool
}

// kindDirectory begins the IDs of what is stored.
const kindDirectory access.Kind = "sdr"

func (s *Service) headID(workspaceID string) string {
	return s.subjects.DeriveID(kindDirectory, "slack channels", workspaceID)
}

func (s *Service) pieceID(workspaceID, listing string, n int) string {
	return s.subjects.DeriveID(kindDirectory, "slack channels", workspaceID, listing, fmt.Sprint(n))
}

func piecesOf(workspaceID string) string { return "sdr/in=" + workspaceID }

// head reads what listing counts, with its document's version; 0 where there is none.
func (s *Service) head(ctx context.Context, workspaceID string) (listing, uint64, error) {
	docs, err := s.directory.docs.Get(ctx, s.headID(workspaceID))
	if err != nil || len(docs) == 0 {
		return listing{}, 0, err
	}
	var h listing
	if err := json.Unmarshal(docs[0].Data, &h); err != nil {
		return h, 0, fmt.Errorf("the channels of %s: %w", workspaceID, err)
	}
	return h, docs[0].Version, nil
}

// changeHead changes the head by compare-and-set; change tells whether it has changed it.
func (s *Service) changeHead(ctx context.Context, workspaceID string, change func(*listing) bool) error {
	for range 10 {
		h, version, err := s.head(ctx, workspaceID)
		if err != nil {
			return err
		}
		if !change(&h) {
			return nil
		}
		data, err := json.Marshal(h)
		if err != nil {
			return fmt.Errorf("encode the channels of %s: %w", workspaceID, err)
		}
		err = s.directory.docs.Put(ctx, store.Document{ID: s.headID(workspaceID), Version: version + 1, Data: data})
		if !errors.Is(err, store.ErrVersion) {
			return err
		}
	}
	return access.Errorf(access.CodeConflict, "listing", "The channels are being changed by somebody else; try again.")
}

// Directory tells what is known of a workspace's channels: nothing where it does not count.
func (s *Service) Directory(ctx context.Context, w Workspace) (Directory, error) {
	if !w.Counts() {
		return Directory{}, nil
	}
	h, _, err := s.head(ctx, w.ID)
	return Directory{AsOf: h.AsOf, Complete: h.Complete, Wanted: h.Wanted.After(h.AsOf)}, err
}

// Refresh asks for a listing that begins from now on, which the bot makes in its time. Asked
// twice before it begins, it is one; one that is under way is not what is asked for.
func (s *Service) Refresh(ctx context.Context, workspaceID string) (Workspace, error) {
	w, err := s.WorkspaceByID(ctx, workspaceID)
	if err == nil {
		err = w.Usable()
	}
	switch {
	case err != nil:
		return w, err
	case w.Organization:
		return w, access.Errorf(access.CodeConflict, "workspaceId", "%s is a whole organisation, whose channels are not listed. Give a channel by its ID.", w.Name)
	case !slices.Contains(w.Scopes, "channels:read"):
		return w, access.Errorf(access.CodeConflict, "workspaceId", "The app may not list channels in %s: it lacks the scope channels:read. Give a channel by its ID, or renew the app's manifest and install it again.", w.Name)
	}
	now := s.subjects.Now()
	return w, s.changeHead(ctx, w.ID, func(h *listing) bool {
		if !now.After(h.Wanted) {
			return false // somebody else has just asked
		}
		h.Wanted = now
		return true
	})
}

// Report takes a piece of a listing in. A piece that comes again takes the place of
// itself; with the last one the listing counts, and what was before it is forgotten.
func (s *Service) Report(ctx context.Context, slackID string, p Piece) (Workspace, error) {
	w, err := s.Workspace(ctx, slackID)
	if err == nil {
		err = w.Usable()
	}
	if err == nil {
		err = checkPiece(p)
	}
	if err != nil {
		return w, err
	}
	if p.Number == 1 {
		h, _, err := s.head(ctx, w.ID)
		if err != nil {
			return w, err
		}
		if err := s.forgetPieces(ctx, w.ID, h.Name, p.Listing); err != nil {
			return w, err
		}
	}
	if err := s.keepPiece(ctx, w.ID, p); err != nil || !p.Last {
		return w, err
	}
	return w, s.finish(ctx, w, p)
}

func checkPiece(p Piece) error {
	switch {
	case p.Listing == "" || len(p.Listing) > maxListing:
		return access.Errorf(access.CodeInvalid, "listing", "Name the listing in 1 to %d bytes.", maxListing)
	case p.Number < 1 || p.Number > maxPieces:
		return access.Errorf(access.CodeInvalid, "piece", "A listing has pieces from 1 to %d.", maxPieces)
	case len(p.Channels) > maxPiece:
		return access.Errorf(access.CodeInvalid, "channels", "A piece has at most %d channels; these are %d.", maxPiece, len(p.Channels))
	}
	for i, c := range p.Channels {
		if err := checkID(fmt.Sprintf("channels.%d.channelId", i), c.ChannelID); err != nil {
			return err
		}
		if _, err := access.CleanName(fmt.Sprintf("channels.%d.name", i), c.Name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) keepPiece(ctx context.Context, workspaceID string, p Piece) error {
	id := s.pieceID(workspaceID, p.Listing, p.Number)
	plain, err := json.Marshal(p.Channels)
	if err != nil {
		return fmt.Errorf("encode channels: %w", err)
	}
	sealed, err := s.secrets.Seal(string(plain), id)
	if err != nil {
		return fmt.Errorf("seal channels: %w", err)
	}
	docs, err := s.directory.docs.Get(ctx, id)
	if err != nil {
		return err
	}
	doc := store.Document{ID: id, Version: 1, Sort: fmt.Sprintf("%s/%04d", p.Listing, p.Number), Terms: []string{piecesOf(workspaceID)}}
	at := s.subjects.Now()
	if len(docs) > 0 {
		var before storedPiece
		if err := json.Unmarshal(docs[0].Data, &before); err != nil {
			return fmt.Errorf("channels %s: %w", id, err)
		}
		doc.Version, at = docs[0].Version+1, before.At
	}
	if doc.Data, err = json.Marshal(storedPiece{p.Listing, at, sealed}); err != nil {
		return fmt.Errorf("encode channels: %w", err)
	}
	err = s.directory.docs.Put(ctx, doc)
	if errors.Is(err, store.ErrVersion) {
		return access.Errorf(access.CodeConflict, "piece", "This piece is being told by somebody else; begin a new listing.")
	}
	return err
}

// finish lets a listing count whose pieces are all there.
func (s *Service) finish(ctx context.Context, w Workspace, p Piece) error {
	docs, err := s.pieces(ctx, w.ID, p.Listing, p.Number)
	if err != nil {
		return err
	}
	if docs == nil {
		return access.Errorf(access.CodeConflict, "listing", "Pieces of this listing are missing; begin a new one.")
	}
	var first storedPiece
	if err := json.Unmarshal(docs[0].Data, &first); err != nil {
		return fmt.Errorf("channels %s: %w", docs[0].ID, err)
	}
	older := false
	err = s.changeHead(ctx, w.ID, func(h *listing) bool {
		if older = h.AsOf.After(first.At); older || h.Name == p.Listing {
			return false
		}
		h.Name, h.Pieces, h.AsOf, h.Complete = p.Listing, p.Number, first.At, p.Complete
		return true
	})
	switch {
	case err != nil:
		return err
	case older:
		return access.Errorf(access.CodeConflict, "listing", "A newer listing counts already.")
	}
	if err := s.forgetPieces(ctx, w.ID, p.Listing); err != nil {
		return err
	}
	// A workspace that was removed meanwhile keeps nothing.
	if w, err = s.WorkspaceByID(ctx, w.ID); err == nil && !w.Counts() {
		err = s.forgetChannels(ctx, w.ID)
	}
	return err
}

// pieces reads the pieces of a listing in their order; nil where one is missing.
func (s *Service) pieces(ctx context.Context, workspaceID, name string, n int) ([]store.Document, error) {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = s.pieceID(workspaceID, name, i+1)
	}
	docs, err := s.directory.docs.Get(ctx, ids...)
	if err != nil || len(docs) != n {
		return nil, err
	}
	slices.SortFunc(docs, func(a, b store.Document) int { return strings.Compare(a.Sort, b.Sort) })
	return docs, nil
}

// forgetPieces forgets the pieces of all listings but some.
func (s *Service) forgetPieces(ctx context.Context, workspaceID string, but ...string) error {
	var gone []string
	for docs, err := range store.EachPage(ctx, s.directory.docs, piecesOf(workspaceID), 20) {
		if err != nil {
			return err
		}
		for _, d := range docs {
			if name, _, _ := strings.Cut(d.Sort, "/"); !slices.Contains(but, name) {
				gone = append(gone, d.ID)
			}
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return s.directory.docs.Delete(ctx, gone...)
}

// forgetChannels forgets all that is known of a workspace's channels.
func (s *Service) forgetChannels(ctx context.Context, workspaceID string) error {
	s.directory.mu.Lock()
	delete(s.directory.known, workspaceID)
	s.directory.mu.Unlock()
	if err := s.directory.docs.Delete(ctx, s.headID(workspaceID)); err != nil {
		return err
	}
	return s.forgetPieces(ctx, workspaceID)
}

// seen returns a workspace's channels by name, as the head that counts says. The list is
// shared: nobody changes it.
func (s *Service) seen(ctx context.Context, w Workspace) (listing, []Channel, error) {
	if !w.Counts() {
		return listing{}, nil, nil
	}
	for range 10 {
		h, _, err := s.head(ctx, w.ID)
		if err != nil || h.Name == "" {
			return h, nil, err
		}
		s.directory.mu.Lock()
		k := s.directory.known[w.ID]
		s.directory.mu.Unlock()
		if k.of.Name == h.Name && k.of.AsOf.Equal(h.AsOf) {
			return h, k.list, nil
		}
		docs, err := s.pieces(ctx, w.ID, h.Name, h.Pieces)
		if err != nil {
			return h, nil, err
		}
		if docs == nil {
			continue // a newer one took its place
		}
		list, err := s.open(docs)
		if err != nil {
			return h, nil, err
		}
		s.directory.keep(w.ID, directed{h, list})
		return h, list, nil
	}
	return listing{}, nil, errors.New("slackworkspace: the pieces of a listing are missing")
}

func (d *directory) keep(workspaceID string, k directed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id := range d.known {
		if len(d.known) < keptListings {
			break
		}
		delete(d.known, id)
	}
	d.known[workspaceID] = k
}

// open reads pieces, and orders what is in them.
func (s *Service) open(docs []store.Document) ([]Channel, error) {
	var list []Channel
	for _, d := range docs {
		var p storedPiece
		if err := json.Unmarshal(d.Data, &p); err != nil {
			return nil, fmt.Errorf("channels %s: %w", d.ID, err)
		}
		plain, err := s.secrets.Open(p.Sealed, d.ID)
		if err != nil {
			return nil, fmt.Errorf("channels %s: %w", d.ID, err)
		}
		var part []Channel
		if err := json.Unmarshal([]byte(plain), &part); err != nil {
			return nil, fmt.Errorf("channels %s: %w", d.ID, err)
		}
		list = append(list, part...)
	}
	// Slack's pages tell of a channel twice where it changed in between: the later counts.
	slices.Reverse(list)
	told := make(map[string]bool, len(list))
	list = slices.DeleteFunc(list, func(c Channel) bool {
		again := told[c.ChannelID]
		told[c.ChannelID] = true
		return again
	})
	slices.SortFunc(list, func(a, b Channel) int {
		return cmp.Or(cmp.Compare(a.sort(), b.sort()), cmp.Compare(a.ChannelID, b.ChannelID))
	})
	return list, nil
}

func (c *Channel) sort() string { return access.Fold(c.Name) }
