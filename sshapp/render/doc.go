// Package render shows results: as text to people, and as JSON to programs. Everything it shows
// comes from the result, and it notes on the visit what was shown.
//
// Each noun has a file with the rows of all results about it, their texts, and the structs of
// their JSON fields. docs/json.md is made from the comments at rows and fields.
package render

//go:generate go run ./jsondoc
