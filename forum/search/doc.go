// Package search finds the words of a text in any script, and interprets queries: which terms a
// matching text must have, and where in a text the hits are.
//
// It knows no message, no person and no index. It gets texts and returns terms.
package search
