// Command jsondoc writes docs/json.md from the rows and structs of package render. It is run
// by go generate there.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// page is where the page is, below the top of the module.
const page = "docs/json.md"

func main() {
	const top = "../.." // of sshapp/render, where go generate is
	text, err := generate(top)
	if err == nil {
		err = os.WriteFile(filepath.Join(top, page), text, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "jsondoc:", err)
		os.Exit(1)
	}
}

// generate returns the page for the module at top. Errors: a row or a field that is not
// explained, or whose name means something else in another struct.
func generate(top string) ([]byte, error) {
	s, err := readSource(top)
	if err != nil {
		return nil, err
	}
	d, err := s.document()
	if err != nil {
		return nil, err
	}
	return d.write()
}
