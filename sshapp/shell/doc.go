// Package shell takes commands: from a person at a terminal, one by one from programs, or line
// by line from standard input. It parses them with the table of package command, and shows the
// results with package render.
package shell
