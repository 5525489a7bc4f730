// Package forum has the nouns of a forum and the contracts between its parts: accounts,
// threads, messages, files and events; what names, titles and texts may contain; who may do
// what to whose (policy.go); a Change, the Journal that puts changes in order, the Reader
// and the Tx of a store, and the Hub that hands events on.
//
// All rules beyond the policy are in package rules. It knows no terminal, no protocol
// and no file format; a store needs nothing of ours but this package.
package forum
