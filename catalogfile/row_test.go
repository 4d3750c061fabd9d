package catalogfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// read reads a file, one line a row.
func read(format Format, text string) (rows []string, err error) {
	err = Read(strings.NewReader(text), format, func(r Row) error {
		said := fmt.Sprint(r.Number)
		for _, c := range Columns() {
			if v := r.Cells[c]; v != "" {
				said += " " + c + "=" + v
			}
		}
		if r.Roles != nil {
			said += fmt.Sprintf(" roles=%q", r.Roles)
		}
		if r.Wrong != nil {
			said = fmt.Sprint(r.Number, " wrong ", r.Wrong.Column, ": ", r.Wrong.Message)
		}
		rows = append(rows, said)
		return nil
	})
	return rows, err
}

func TestFilesAsTheyAreWritten(t *testing.T) {
	plain := []string{`2 type=resource name=db kind=DATABASE account=Production roles=["reader" "writer"]`, `3 type=gateway name=Berlin roles=[]`}
	for name, c := range map[string]struct {
		format Format
		text   string
		want   []string
	}{
		"commas":               {CSV, "type,name,kind,account,roles\nresource,db,DATABASE,Production,reader|writer\ngateway,Berlin,,,\n", plain},
		"semicolons":           {CSV, "type;name;kind;account;roles\nresource;db;DATABASE;Production;reader|writer\ngateway;Berlin;;;\n", plain},
		"tabs":                 {CSV, "type\tname\tkind\taccount\troles\nresource\tdb\tDATABASE\tProduction\treader|writer\ngateway\tBerlin\t\t\t\n", plain},
		"carriage returns":     {CSV, "type,name,kind,account,roles\r\nresource,db,DATABASE,Production,reader|writer\r\ngateway,Berlin,,,", plain},
		"byte order mark":      {CSV, "\ufefftype,name,kind,account,roles\nresource,db,DATABASE,Production,reader|writer\ngateway,Berlin", plain},
		"order, case, spaces":  {CSV, "NAME, Roles ,Type,ACCOUNT,kind\n db ,reader | writer|,resource, Production ,DATABASE\nBerlin,,gateway\n", []string{plain[0], plain[1]}},
		"empty columns, rows":  {CSV, "type,name,,\ngateway,a,,\n,,,\n\ngateway,b,,\n", []string{"2 type=gateway name=a", "5 type=gateway name=b"}},
		"said separator":       {CSV, "sep=;\r\ntype;name;externalId\r\naccount;a,b;1", []string{"3 type=account name=a,b externalId=1"}},
		"names with dashes":    {CSV, "type,name,External ID\naccount,a,1", []string{"2 type=account name=a externalId=1"}},
		"quotes, line breaks":  {CSV, "type,name\ngateway,\"a \"\"b\"\"\nc\"\ngateway,d\n", []string{"2 type=gateway name=a \"b\"\nc", "4 type=gateway name=d"}},
		"no roles column":      {CSV, "type,name\ngateway,a", []string{"2 type=gateway name=a"}},
		"too many cells":       {CSV, "type,name\ngateway,a,b", []string{"2 wrong : The row has 3 cells, and the first line names 2 columns. A text that has the separator in it must stand in quotes."}},
		"a quote in a cell":    {CSV, "type,name\ngateway,a\"b\ngateway,c", []string{"2 wrong : There is a quote within a cell that does not begin with one: put the whole cell in quotes, and write a quote in it twice.", "3 type=gateway name=c"}},
		"a quote without end":  {CSV, "type,name\ngateway,\"a\ngateway,c", []string{"2 wrong : A quote begins a cell and does not end it: close it, and write a quote within a cell twice."}},
		"a shortened number":   {CSV, "type,name,externalId\naccount,a,1.23457E+11", []string{"2 wrong externalId: 1.23457E+11 is a number that a spreadsheet has shortened. Give the column the format Text, and enter the whole number again."}},
		"a failed formula":     {CSV, "type,name\ngateway,#NAME?", []string{"2 wrong name: #NAME? is the error of a formula. Write the value itself."}},
		"Latin 1":              {CSV, "type,name\ngateway,Z\xfcrich", []string{"2 wrong name: This is not UTF-8 text. In Excel save the file as \"CSV UTF-8\"."}},
		"JSON":                 {JSON, `[{"type":"resource","name":"db","kind":"DATABASE","account":"Production","roles":["reader","writer"]}, {"type":"gateway","name":" Berlin "}]`, []string{strings.Replace(plain[0], "2", "1", 1), "2 type=gateway name=Berlin"}},
		"JSON, roles in a row": {JSON, `[{"type":"resource","roles":"a | b","gateway":null,"externalId":"1"}]`, []string{`1 type=resource externalId=1 roles=["a" "b"]`}},
		"JSON, unknown name":   {JSON, `[{"type":"gateway","nam":"x"},{"type":"gateway"}]`, []string{"1 wrong : There is no “nam”. Did you mean name? The names are: type, name, provider, externalId, kind, account, gateway, roles.", "2 type=gateway"}},
		"JSON, number":         {JSON, `[{"externalId":123}, 5, {"roles":[1]}]`, []string{"1 wrong externalId: This is a text in quotes, and not a number.", "2 wrong : A row is an object, and this is a number.", "3 wrong roles: Roles are an array of texts, or one text in which they are parted by |."}},
	} {
		rows, err := read(c.format, c.text)
		if err != nil || !slices.Equal(rows, c.want) {
			t.Errorf("%s: %v\n got  %q\n want %q", name, err, rows, c.want)
		}
	}
}

func TestFilesThatCantBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		format     Format
		text, want string
	}{
		"empty":            {CSV, "", "empty"},
		"blank":            {JSON, " \n", "empty"},
		"names alone":      {CSV, "type,name\n", "no rows"},
		"empty array":      {JSON, "[]", "no rows"},
		"missing column":   {CSV, "type,kind\nresource,DATABASE", `There is no column "name"`},
		"no names":         {CSV, "gateway,Berlin\ngateway,Paris", "There is no column “Berlin”"},
		"misspelt column":  {CSV, "type,name,roels\nresource,db,a", "Did you mean roles?"},
		"a column twice":   {CSV, "type,name,Name\ngateway,a,b", "twice"},
		"UTF-16":           {CSV, "\xff\xfet\x00y\x00", "UTF-16"},
		"UTF-16, no mark":  {CSV, "t\x00y\x00p\x00e\x00", "UTF-16"},
		"a workbook":       {CSV, "PK\x03\x04xx", "workbook"},
		"other separator":  {CSV, "sep=|\ntype|name\n", "comma, a semicolon or a tab"},
		"no array":         {JSON, `{"type":"gateway"}`, "an array of objects"},
		"cut off":          {JSON, `[{"type":"gateway"}`, "cut off"},
		"cut in an object": {JSON, `[{"type":"gateway"},{"typ`, "object 2"},
		"something behind": {JSON, `[{"type":"gateway"}] 5`, "behind the array"},
		"too many rows":    {CSV, "type,name\n" + strings.Repeat("gateway,a\n", MaxRows+1), "more than 100000 rows"},
		"no format":        {"XML", "<a/>", "CSV or JSON"},
	} {
		_, err := read(c.format, c.text)
		var said *Error
		if !errors.As(err, &said) || !strings.Contains(said.Message, c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// counted counts what is read of a file.
type counted struct {
	*strings.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

func TestARowThatDoesNotEndIsNotReadToItsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		format      Format
		begin, more string
		behind      int
	}{
		"cells":       {CSV, "type,name\ngateway,a\n", ",", 1},
		"columns":     {CSV, "type,name", ",", 0},
		"lines":       {CSV, "type,name\ngateway,a\n", ",\"\n\"", 1},
		"a quote":     {CSV, "type,name\ngateway,a\ngateway,b\ngateway,\"", "gateway,c\n", 2},
		"roles":       {JSON, `[{"type":"gateway","name":"a"},{"roles":["`, `","`, 1},
		"white space": {JSON, `[{"type":"gateway","name":"a"}`, " ", 1},
	} {
		file := &counted{Reader: strings.NewReader(c.begin + strings.Repeat(c.more, 3*MaxRow/len(c.more)))}
		err := Read(file, c.format, func(Row) error { return nil })
		var said *Error
		if want := fmt.Sprintf("Behind the first %d rows", c.behind); !errors.As(err, &said) || !strings.Contains(said.Message, want) {
			t.Errorf("%s: %.200v, want %q", name, err, want)
		}
		if most := len(c.begin) + MaxRow + 2*peeked; file.n > most {
			t.Errorf("%s: %d bytes were read, want at most %d", name, file.n, most)
		}
	}
}

func TestLongRowsAreNoneThatDoNotEnd(t *testing.T) {
	const rows = 20
	name := strings.Repeat("a", MaxRow-3*peeked)
	for format, text := range map[Format]string{
		CSV:  "type,name\n" + strings.Repeat("gateway,"+name+"\n", rows) + strings.Repeat(",\n", MaxRow),
		JSON: "[" + strings.Repeat(`{"type":"gateway","name":"`+name+`"},`, rows-1) + `{"type":"gateway","name":"b"}]`,
	} {
		n := 0
		err := Read(strings.NewReader(text), format, func(r Row) error {
			n++
			if r.Wrong != nil {
				t.Errorf("%s: row %d: %s", format, r.Number, r.Wrong.Message)
			}
			return nil
		})
		if err != nil || n != rows {
			t.Errorf("%s: %d rows, %.200v", format, n, err)
		}
	}
}

func FuzzFiles(f *testing.F) {
	f.Add("type,name\ngateway,a", true)
	f.Add(`[{"type":"gateway"}]`, false)
	f.Add("sep=;\ntype;name\n\"", true)
	f.Fuzz(func(t *testing.T, text string, csv bool) {
		format := JSON
		if csv {
			format = CSV
		}
		last := 0
		err := Read(strings.NewReader(text), format, func(r Row) error {
			if r.Number <= last {
				t.Fatalf("row %d follows row %d", r.Number, last)
			}
			last = r.Number
			return nil
		})
		var said *Error
		if err != nil && !errors.As(err, &said) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
