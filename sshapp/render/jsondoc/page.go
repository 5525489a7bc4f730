package main

import (
	"bytes"
	_ "embed"
	"text/template"
)

//go:embed page.md.tmpl
var layout string

// write returns the page in Markdown.
func (d document) write() ([]byte, error) {
	t, err := template.New("page").Funcs(template.FuncMap{"link": link, "title": title}).Parse(layout)
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	err = t.Execute(&page, d)
	return page.Bytes(), err
}
