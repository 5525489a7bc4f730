// Package postings knows how the index of a segment of up to 1,024 documents lies in
// bytes: which documents have a term.
//
// A posting is a number: a term in the upper 54 bits and a document of the segment in
// the lower 10. The postings of a segment are divided by the upper 7 bits into blocks,
// each of which is found, read and written by itself. The same postings are always the
// same bytes. The package knows no text and no file.
package postings
