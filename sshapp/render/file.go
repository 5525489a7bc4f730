package render

import (
	"encoding/hex"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

var fileRows = []row{
	// FILES
	one("sshforum.files.v1", (*Text).fileList, func(r command.FileList) fileListJSON {
		return fileListJSON{r.Thread, list(r.Files, newFileJSON)}
	}),
	// UPD
	one("sshforum.file-uploaded.v1", (*Text).fileUploaded, func(r command.FileUploaded) threadFileJSON {
		return threadFileJSON{r.Title, newFileJSON(rules.FileInfo{File: r.File})}
	}),
	raw(writeContent), // DWN
}

// fileListJSON is the list of a thread's files.
type fileListJSON struct {
	// Title of the thread.
	Thread string `json:"thread"`
	// The files, by name.
	Files []fileJSON `json:"files"`
}

// fileJSON is a file without its content.
type fileJSON struct {
	// Name of the file.
	File string `json:"file,omitempty"`
	// Bytes of its content.
	Size int64 `json:"size"`
	// SHA-256 of the content, in hexadecimal; an incomplete upload has none.
	SHA256 string `json:"sha256,omitempty"`
	// Name of the person who uploaded it; the answer to UPD omits it.
	By string `json:"by,omitempty"`
	// When it was uploaded.
	At utc `json:"at"`
	// When it was last changed, by the clock of the machine it came from.
	Modified utc `json:"modified"`
	// Whether it is empty until its uploader replaces it.
	Placeholder bool `json:"placeholder"`
	// Whether it is by a person whom the reader has blocked; then it has no name.
	Folded bool `json:"folded,omitempty"`
}

// threadFileJSON is a file of a thread.
type threadFileJSON struct {
	// Title of the thread.
	Thread string `json:"thread"`
	fileJSON
}

func newFileJSON(f rules.FileInfo) fileJSON {
	name := f.Name
	if f.Folded {
		name = ""
	}
	return fileJSON{
		File: name, Size: f.Size, SHA256: hex.EncodeToString(f.SHA256[:]), By: f.Uploader, At: utc{f.Uploaded}, Modified: utc{f.Modified},
		Placeholder: f.Placeholder, Folded: f.Folded,
	}
}

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

// shownName returns the name of a file in a list, unless the reader has blocked its uploader.
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

// writeContent writes only the bytes of the content.
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
