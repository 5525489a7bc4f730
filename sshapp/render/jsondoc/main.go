// Command jsondoc writes docs/json.md from the rows and structs of package render. The go
// generate of that package runs it.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// page is the path of the page, below the top of the module.
const page = "docs/json.md"

func main() {
	const top = "../.." // relative to sshapp/render, where go generate runs it
	text, err := generate(top)
	if err == nil {
		err = os.WriteFile(filepath.Join(top, page), text, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "jsondoc:", err)
		os.Exit(1)
	}
}

// generate returns the page for the module at top. Errors: rows and fields without a comment,
// and fields of one name with different types in two structs.
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
