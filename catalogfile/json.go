package catalogfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"procyon/phrase"
)

const notArray = "A JSON file is an array of objects, such as [{\"type\": \"gateway\", \"name\": \"eu\"}]; this is not."

func readJSON(from *source, each func(Row) error) error {
	from.next()
	in, err := plain(from)
	if err != nil {
		return err
	}
	d := json.NewDecoder(in)
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return jsonError(err, errorf(notArray))
	}
	for n := 1; d.More(); n++ {
		from.next()
		var object json.RawMessage
		if err := d.Decode(&object); err != nil {
			return jsonError(err, errorf("The object %d can't be read as JSON; nothing behind it was looked at.", n))
		}
		if err := each(objectRow(n, object)); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return jsonError(err, errorf("The array does not end: the file was cut off."))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return jsonError(err, errorf("There is something behind the array. "+notArray))
	}
	return nil
}

// jsonError is said where the text is at fault, and err where it could not be read.
func jsonError(err, said error) error {
	var syntax *json.SyntaxError
	if err == nil || errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return said
	}
	return err
}

// object is a row of a JSON file.
type object struct {
	Type, Name, Provider, ExternalID, Kind, Account, Gateway *string

	Roles json.RawMessage
}

func objectRow(n int, raw []byte) Row {
	var o object
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return Row{Number: n, Wrong: objectFault(err)}
	}
	cells := map[string]string{}
	for column, value := range map[string]*string{Type: o.Type, Name: o.Name, Provider: o.Provider, ExternalID: o.ExternalID, Kind: o.Kind, Account: o.Account, Gateway: o.Gateway} {
		if value != nil {
			cells[column] = strings.TrimSpace(*value)
		}
	}
	r := newRow(n, cells, false)
	if len(o.Roles) == 0 || string(o.Roles) == "null" {
		return r
	}
	var text string
	if json.Unmarshal(o.Roles, &text) == nil {
		r.Roles = split(text)
	} else if json.Unmarshal(o.Roles, &r.Roles) != nil {
		r.Wrong = faultf(Roles, "Roles are an array of texts, or one text in which they are parted by |.")
	}
	return r
}

func objectFault(err error) *Fault {
	var typ *json.UnmarshalTypeError
	if errors.As(err, &typ) {
		column, _ := known(typ.Field)
		if column == "" {
			return faultf("", "A row is an object, and this is a %s.", typ.Value)
		}
		return faultf(column, "This is a text in quotes, and not a %s.", typ.Value)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return faultf("", "There is no %s.%s The names are: %s.", phrase.Quoted(shorten(name)), meant(name), strings.Join(Columns(), ", "))
	}
	return faultf("", "This can't be read as JSON.")
}
