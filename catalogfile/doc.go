// Package catalogfile reads files of accounts, gateways and resources: CSV as spreadsheets
// write it, and JSON. It says of each row what is in it, and knows nothing of what is in the
// catalog.
//
// A CSV file begins with a line that names its columns, in any order and letter case. Cells
// are parted by commas, semicolons or tabs, whichever the first line has. A JSON file is an
// array of objects that have the same names.
package catalogfile
