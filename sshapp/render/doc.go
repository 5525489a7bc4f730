// Package render shows results: in words to people, and as JSON to programs. It reads what it
// shows from the result alone, and tells the visit what was shown.
//
// Each noun has a file with the row of every result about it, the words, and the structs whose
// fields JSON has. The comments at rows and fields are what docs/json.md says.
package render

//go:generate go run ./jsondoc
