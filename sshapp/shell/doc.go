// Package shell takes commands: from a person at a terminal, one by one from programs, or line
// by line from standard input. It parses them by the table of package command, and shows the
// results by package render.
package shell
