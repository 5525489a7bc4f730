// Package command knows what a person can ask for and how it is written.
//
// A command's usage string, such as "RDT thread [--last N]", is the only
// declaration of its arguments: a line is parsed by it, completion asks it what
// fits at the cursor, and the error for a wrong line shows it.
//
// The package knows no terminal, no wire format and no rule of the forum: it reads
// words, and what a word may be is decided where it is used.
package command
