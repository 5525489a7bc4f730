package render

import (
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

func (t *Text) fileList(r command.FileList) error {
	if len(r.Files) == 0 {
		return t.printf("Thread %s has no files\n", forum.Printable(r.Thread))
	}
	width, folded := 0, false
	for _, f := range r.Files {
		width, folded = max(width, ansi.StringWidth(shownName(f))), folded || f.Folded
	}
	for _, f := range r.Files {
		if err := t.fileLine(f, min(width, 40)); err != nil {
			return err
		}
	}
	if folded {
		if err := t.Hint("(folded: by people you have blocked; FILES %s --unfold names them)", forum.Printable(r.Thread)); err != nil {
			return err
		}
	}
	if t.Look.Plain {
		return t.printf("End of the list, %s.\n", Count(len(r.Files), "file"))
	}
	return nil
}

// shownName returns the name of a file in a list, unless its reader has blocked who gave it.
func shownName(f rules.FileInfo) string {
	if f.Folded {
		return "(folded)"
	}
	return forum.Printable(f.Name)
}

func (t *Text) fileLine(f rules.FileInfo, width int) error {
	name, size := shownName(f), rules.BytesText(f.Size)
	if f.Placeholder {
		size = "placeholder"
	}
	uploader, when := forum.Printable(f.Uploader), t.Look.ago(f.Uploaded)
	if t.Look.Plain {
		return t.printf("%s: %s, uploaded by %s, %s.\n", name, size, uploader, when)
	}
	pad := strings.Repeat(" ", max(0, width-ansi.StringWidth(name)))
	return t.printf("%s%s  %11s  %s  %s\n", t.Look.strong(name), pad, size, uploader, when)
}

func (t *Text) fileUploaded(r command.FileUploaded) error {
	return t.printf("%s uploaded to %s thread\n", forum.Printable(r.File.Name), forum.Printable(r.Title))
}

// fileContent writes the bytes as they are, and nothing else.
func (t *Text) fileContent(r command.FileContent) error { return writeContent(t.Out, r) }

func writeContent(w io.Writer, r command.FileContent) error {
	defer func() { _ = r.Content.Close() }()
	buffer := make([]byte, 256<<10)
	for at := int64(0); at < r.Content.Size(); {
		n, err := r.Content.ReadAt(buffer, at)
		if n == 0 && err != nil {
			return err
		}
		if _, err := w.Write(buffer[:n]); err != nil {
			return err
		}
		at += int64(n)
		r.Progress(at)
	}
	return nil
}
