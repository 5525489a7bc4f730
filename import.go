package main

import (
	"bufio"
	"fmt"
	"io"
	"net/rpc"
	"os"

	"sshforum/forum/rules"
)

// importStep is how many lines are imported at a time: each costs a password hash, and the
// progress is shown between steps.
const importStep = 16

type importCmd struct {
	File string `arg:"" help:"Credentials file: a name, a space and a password on each line; - for standard input."`
}

func (c *importCmd) Run(p *program) error {
	in := p.stdin
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	var total rules.Imported
	err := p.operate(func(client *rpc.Client) error {
		return importLines(in, func(lines []string, first int) error {
			var done rules.Imported
			if err := client.Call("Control.Import", ImportArgs{Lines: lines, First: first}, &done); err != nil {
				return err
			}
			for _, problem := range done.Bad {
				fmt.Fprintf(p.stderr, "%s: %s\n", c.File, problem)
			}
			total.Added += done.Added
			total.Known += done.Known
			total.Bad = append(total.Bad, done.Bad...)
			fmt.Fprintf(p.stderr, "%s read\n", count(first-1+len(lines), "line"))
			return nil
		})
	})
	fmt.Fprintf(p.stdout, "%s imported, %d known already, %d bad\n", count(total.Added, "account"), total.Known, len(total.Bad))
	if err == nil && len(total.Bad) > 0 {
		err = fmt.Errorf("%s not imported; mend and import them again", count(len(total.Bad), "line"))
	}
	return err
}

// importLines calls take with the lines of in, importStep at a time, and with the number of the
// first.
func importLines(in io.Reader, take func(lines []string, first int) error) error {
	scanner := bufio.NewScanner(in)
	first, lines := 1, []string(nil)
	for scanner.Scan() {
		if lines = append(lines, scanner.Text()); len(lines) == importStep {
			if err := take(lines, first); err != nil {
				return err
			}
			first, lines = first+importStep, nil
		}
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("line %d: %w", first+len(lines), err)
	}
	if len(lines) == 0 {
		return nil
	}
	return take(lines, first)
}

// count returns a number with its noun, in the plural unless n is 1.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
