package audit

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"procyon/access"
	"procyon/graph/scalar"
	"procyon/journal"
)

// record is an entry as all formats give it.
type record struct {
	Seq         uint64          `json:"seq"`
	Cursor      string          `json:"cursor"`
	At          time.Time       `json:"at"`
	Type        string          `json:"type"`
	SubjectID   string          `json:"subjectId"`
	SubjectKind string          `json:"subjectKind"`
	SubjectName string          `json:"subjectName"`
	Version     uint64          `json:"version"`
	Actor       access.Actor    `json:"actor"`
	Data        json.RawMessage `json:"data"`
	PrevHash    string          `json:"prevHash"`
	Hash        string          `json:"hash"`
	Redacted    bool            `json:"redacted"`
	Bytes       []byte          `json:"bytes,omitempty"` // whose SHA-256 sum Hash is; none where Redacted
}

// newRecord makes the record of an entry, whose bytes it puts into a buffer. What may hold a
// secret comes without its bytes.
func newRecord(e *journal.Entry, kind string, buffer *[]byte) (record, error) {
	r := record{
		Seq: e.Seq, Cursor: scalar.FormatCursor(e.Position()), At: e.At.UTC(), Type: e.Type, SubjectID: e.Subject, SubjectKind: kind,
		SubjectName: SubjectName(e), Version: e.Version, Actor: e.Actor, Data: Readable(e.Subject, e.Data),
		PrevHash: e.Prev.String(), Hash: e.Hash.String(), Redacted: Sealed(e.Subject),
	}
	if r.Redacted {
		return r, nil
	}
	var err error
	*buffer, err = e.AppendEncoding((*buffer)[:0])
	r.Bytes = *buffer
	return r, err
}

// format is a form in which entries are exported. Each method adds to a buffer. What was
// cut short does not look whole: see cut.
type format interface {
	begin(b []byte) []byte
	add(b []byte, r *record) ([]byte, error)
	end(b []byte) []byte
	// cut ends an export that is not whole, and says why and where to go on.
	cut(b []byte, why, cursor string) []byte
	mediaType() string
}

// formats are all formats, by what they are called; also what their files' names end with.
func formats(source string) map[string]func() format {
	return map[string]func() format{
		"csv":         func() format { return csvFormat{} },
		"jsonl":       func() format { return jsonLines{} },
		"cloudevents": func() format { return &cloudEvents{source: source} },
	}
}

// ending of the name of a format's file.
func ending(name string) string {
	if name == "cloudevents" {
		return "cloudevents.json"
	}
	return name
}

type jsonLines struct{}

func (jsonLines) mediaType() string     { return "application/jsonl; charset=utf-8" }
func (jsonLines) begin(b []byte) []byte { return b }
func (jsonLines) end(b []byte) []byte   { return b }

func (jsonLines) add(b []byte, r *record) ([]byte, error) {
	text, err := json.Marshal(r)
	return append(append(b, text...), '\n'), err
}

func (jsonLines) cut(b []byte, why, cursor string) []byte {
	text, err := json.Marshal(map[string]any{"incomplete": map[string]string{"message": why, "after": cursor}})
	if err != nil {
		return b
	}
	return append(append(b, text...), '\n')
}

// cloudEvents is a batch of CloudEvents 1.0 in JSON. One that is cut short is not closed,
// so nothing reads it as JSON.
type cloudEvents struct {
	source string
	some   bool
}

func (*cloudEvents) mediaType() string     { return "application/cloudevents-batch+json; charset=utf-8" }
func (*cloudEvents) begin(b []byte) []byte { return append(b, '[') }
func (*cloudEvents) end(b []byte) []byte   { return append(b, "\n]\n"...) }

// cloudEvent has its attributes' names as the specification wants them: small letters and
// digits. sequence is the extension of that name, actorid, hash and prevhash are our own.
type cloudEvent struct {
	SpecVersion     string    `json:"specversion"`
	ID              string    `json:"id"` // with the source it is of one entry alone, also after a backup was restored
	Source          string    `json:"source"`
	Type            string    `json:"type"`
	Subject         string    `json:"subject"`
	Time            time.Time `json:"time"`
	DataContentType string    `json:"datacontenttype"`
	Sequence        string    `json:"sequence"`
	ActorID         string    `json:"actorid"`
	PrevHash        string    `json:"prevhash"`
	Hash            string    `json:"hash"`
	Data            *record   `json:"data"`
}

func (c *cloudEvents) add(b []byte, r *record) ([]byte, error) {
	text, err := json.Marshal(&cloudEvent{
		"1.0", r.Cursor, c.source, "procyon." + strings.ToLower(r.SubjectKind+"."+r.Type), r.SubjectID, r.At, "application/json",
		strconv.FormatUint(r.Seq, 10), r.Actor.ID, r.PrevHash, r.Hash, r,
	})
	if c.some {
		b = append(b, ',')
	}
	c.some = true
	return append(append(b, '\n'), text...), err
}

func (c *cloudEvents) cut(b []byte, why, cursor string) []byte {
	text, err := json.Marshal("incomplete: " + why + " Go on with after=" + cursor)
	if err != nil {
		return b
	}
	return append(append(b, '\n'), text...)
}

// csvFormat is CSV by RFC 4180. A cell that a spreadsheet could take for a formula begins
// with an apostrophe more, and so does one that begins with an apostrophe: one that is
// taken off gives what was written.
type csvFormat struct{}

func (csvFormat) mediaType() string   { return "text/csv; charset=utf-8; header=present" }
func (csvFormat) end(b []byte) []byte { return b }

func (csvFormat) begin(b []byte) []byte {
	return append(b, "seq,cursor,at,type,subjectId,subjectKind,subjectName,version,actorKind,actorId,actorName,actorEmail,via,byId,byName,data,prevHash,hash,redacted,bytes\r\n"...)
}

func (csvFormat) add(b []byte, r *record) ([]byte, error) {
	a := &r.Actor
	b = append(strconv.AppendUint(b, r.Seq, 10), ',')
	for _, text := range []string{
		r.Cursor, r.At.Format(time.RFC3339Nano), r.Type, r.SubjectID, r.SubjectKind, r.SubjectName, strconv.FormatUint(r.Version, 10),
		string(a.Kind), a.ID, a.Name, a.Email, a.Via, a.ByID, a.ByName, string(r.Data), r.PrevHash, r.Hash, strconv.FormatBool(r.Redacted),
	} {
		b = append(appendCell(b, text), ',')
	}
	return append(base64.StdEncoding.AppendEncode(b, r.Bytes), "\r\n"...), nil // it begins with a letter: the format's number is in it
}

func (csvFormat) cut(b []byte, why, cursor string) []byte {
	return append(appendCell(append(appendCell(append(b, "incomplete,"...), cursor), ','), why), "\r\n"...)
}

func appendCell(b []byte, text string) []byte {
	begins := strings.IndexAny(text, "'=+-@\t\r\n＝＋－＠") == 0
	if !begins && !strings.ContainsAny(text, ",\"\r\n") {
		return append(b, text...)
	}
	b = append(b, '"')
	if begins {
		b = append(b, '\'')
	}
	return append(append(b, strings.ReplaceAll(text, `"`, `""`)...), '"')
}
