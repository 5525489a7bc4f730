// Package command has the commands that a person can give, and their grammar.
//
// A command's usage string, such as "RDT thread [--last N]", is the only declaration of its
// arguments: lines are parsed by it, completion takes from it what fits at the cursor, and the
// error for a wrong line shows it.
//
// The package knows no terminal, no wire format and no rule of the forum. It reads words; the
// service that uses a word decides whether it is allowed.
package command
