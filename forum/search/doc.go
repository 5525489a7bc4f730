// Package search knows what the words of a text are, in any script, and what a query
// means: which terms a text that is found must have, and where in it the hits are.
//
// It knows no message, no person and no index: it is handed texts and gives terms.
package search
