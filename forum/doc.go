// Package forum has the nouns of a forum and the contracts between its parts: accounts,
// threads, messages, files and events; the form of names, titles and texts; who may do what to
// whose (policy.go); a Change, the Journal that puts changes in order, the Reader and the Tx of
// a store, and the Hub that delivers events.
//
// All rules except the policy are in package rules. Package forum knows no terminal, no
// protocol and no file format. A store needs no other package of ours.
package forum
