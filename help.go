package main

import (
	"fmt"
	"slices"

	"github.com/alecthomas/kong"
)

// everywhere has the flags that the help of every command shows.
var everywhere = []string{"help", "config", "data-dir"}

// printHelp omits the settings from the help of a command that does not use all of them, so
// that its own flags are easy to find.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	command := ctx.Selected()
	if command == nil || command.Name == "serve" || command.Name == "check-config" {
		return kong.DefaultHelpPrinter(options, ctx)
	}
	for _, f := range ctx.Model.Flags {
		f.Hidden = f.Hidden || !slices.Contains(everywhere, f.Name)
	}
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintln(ctx.Stdout, "\nThe settings are flags, too; sshforum --help lists them.")
	return err
}
