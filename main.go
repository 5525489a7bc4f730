// Command sshforum is a forum that people reach with any SSH client.
//
// Package main has the command line and the configuration, and connects the parts of the
// program. It knows no rule of the forum and no protocol.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	_ "time/tzdata" // for people's time zones, if the system has no database of them

	"github.com/alecthomas/kong"

	"sshforum/forum"
	"sshforum/forum/command"
)

const description = `A forum that people reach with ssh.

Every setting is a flag, an environment variable and a line of the configuration file: --ssh-listen is $SSHFORUM_SSH_LISTEN and listen under ssh. A flag wins over the environment, the environment over the file.`

// Exit statuses of the program.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// commandLine has all commands and flags.
type commandLine struct {
	ConfigFile configFlag `name:"config" default:"" placeholder:"FILE" help:"Configuration file, in YAML; ./config.yaml if it is there."`
	Config     Config     `embed:""`

	Serve             serveCmd       `cmd:"" default:"1" help:"Run the forum; the command when none is given."`
	CheckConfig       checkConfigCmd `cmd:"" help:"Check the configuration."`
	User              userCmd        `cmd:"" help:"Make, list, change and close accounts."`
	Ban               banCmd         `cmd:"" help:"Keep accounts and networks out, list who is, and let them in again."`
	ImportCredentials importCmd      `cmd:"" help:"Make an account for each line of a file of names and passwords."`
	Audit             auditCmd       `cmd:"" help:"Verify the log of what moderators, admins and the operator did."`
	Check             checkCmd       `cmd:"" help:"Look for damage in all that is stored, also while the server runs."`
	Pair              pairCmd        `cmd:"" help:"Go on with forum.db and files.db as they are, after one of them was restored or lost."`
	Time              timeCmd        `cmd:"" help:"Show the forum's time, and make it that of the machine's clock."`
	Reindex           reindexCmd     `cmd:"" help:"Make the search index anew, also while the server runs."`
	Version           versionCmd     `cmd:"" help:"Show the version."`
}

// program is the environment of a command.
type program struct {
	configFile     string // "" for none
	config         func() (*Config, error)
	stdin          io.Reader
	stdout, stderr io.Writer
}

func main() {
	os.Exit(run(os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program except for the process around it. It returns the exit status.
func run(args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var line commandLine
	from := &sources{env: env}
	helped := false
	parser, err := kong.New(&line, from,
		kong.Name("sshforum"),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Help(printHelp),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
		kong.Exit(func(int) { helped = true }),
	)
	if err != nil {
		return fail(stderr, exitFailed, err)
	}
	ctx, err := parser.Parse(args)
	switch {
	case helped:
		return exitOK
	case err != nil:
		return fail(stderr, exitUsage, fmt.Errorf("%w; sshforum --help shows what there is", err))
	}
	err = ctx.Run(&program{
		configFile: from.file,
		config:     func() (*Config, error) { return &line.Config, from.problem(&line.Config) },
		stdin:      stdin,
		stdout:     stdout,
		stderr:     stderr,
	})
	if err != nil {
		return fail(stderr, exitFailed, err)
	}
	return exitOK
}

// fail prints err, one line for each of its joined errors, and returns status. If err has a
// sentence for people, it prints only that.
func fail(stderr io.Writer, status int, err error) int {
	text := err.Error()
	if forum.KindOf(err) != forum.Internal {
		text = command.Explain(err)
	}
	for problem := range strings.Lines(text) {
		fmt.Fprintf(stderr, "sshforum: %s\n", strings.TrimSuffix(problem, "\n"))
	}
	return status
}

type checkConfigCmd struct{}

func (checkConfigCmd) Run(p *program) error {
	config, err := p.config()
	if err != nil {
		return err
	}
	if p.configFile == "" {
		fmt.Fprintln(p.stdout, "There is no config.yaml here; the defaults apply.")
	} else {
		fmt.Fprintf(p.stdout, "%s is fine.\n", p.configFile)
	}
	fmt.Fprintf(p.stdout, "SSH listens on %s; the data directory is %s.\n", config.SSH.Listen, config.DataDir)
	for _, warning := range beyondLoopback(config) {
		fmt.Fprintf(p.stdout, "Warning: %s\n", warning)
	}
	return nil
}

type versionCmd struct{}

func (versionCmd) Run(p *program) error {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	fmt.Fprintf(p.stdout, "sshforum %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
