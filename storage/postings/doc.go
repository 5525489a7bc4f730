// Package postings encodes the index of a segment of up to 1,024 documents: which documents
// have a term.
//
// A posting is a number: a term in the upper 54 bits and a document of the segment in the lower
// 10. The upper 7 bits divide the postings of a segment into blocks, each of which is found,
// read and written separately. The same postings are always the same bytes. The package knows
// no text and no file.
package postings
