package files

import (
	"strings"
	"testing"

	"sshforum/forum"
	"sshforum/forum/rules"
)

func TestResolve(t *testing.T) {
	thread, yoda, own := rules.Place{Thread: "3331"}, rules.Place{Person: "yoda"}, rules.Place{Own: true}
	for path, want := range map[string]node{
		"/": {kind: rootNode}, "": {kind: rootNode}, "//": {kind: rootNode}, ".": {kind: rootNode}, "/./": {kind: rootNode},
		"/3331":                 {kind: folderNode, place: thread},
		"3331/":                 {kind: folderNode, place: thread},
		"./3331/.":              {kind: folderNode, place: thread},
		"/3331/report.pdf":      {kind: fileNode, place: thread, name: "report.pdf"},
		"/3331//a b ":           {kind: fileNode, place: thread, name: "a b "},
		"/3331/.thread.txt":     {kind: textNode, place: thread, name: ".thread.txt"},
		"/3331/.thread.json":    {kind: textNode, place: thread, name: ".thread.json"},
		"/3331/.Thread.txt":     {kind: fileNode, place: thread, name: ".Thread.txt"},
		"/@yoda":                {kind: folderNode, place: yoda},
		"/@yoda/x":              {kind: fileNode, place: yoda, name: "x"},
		"/@yoda/.thread.txt":    {kind: fileNode, place: yoda, name: ".thread.txt"},
		"/.inbox":               {kind: folderNode, place: own},
		"/.inbox/x":             {kind: fileNode, place: own, name: "x"},
		"/.ssh":                 {kind: sshNode},
		"/.ssh/authorized_keys": {kind: keysNode, name: keysFile},
	} {
		if got, err := resolve(path); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", path, got, err, want)
		}
	}
	for _, path := range []string{
		"..", "/..", "/3331/..", "/./..", "/../3331", "/3331/a/b", "/a/../../b", "/3331\x00", "/3331/a\x00b",
		"/@", "/.git", "/.inboxes", "/.ssh/id_rsa", "/.ssh/authorized_keys/x", "/.ssh/../3331", "/.sshd",
	} {
		if got, err := resolve(path); err == nil || forum.KindOf(err) != forum.NotFound {
			t.Errorf("%q: got %+v, %v", path, got, err)
		}
	}
}

func FuzzResolve(f *testing.F) {
	for _, path := range []string{
		"/", "/3331/report.pdf", "/../x", "a/../../b", "/@yoda/x", "/.inbox/x", "/.ssh/authorized_keys", "/3331/.thread.txt",
		"//3331//x//", "/3331/\x00", "/\xff\xfe/\xff", "/3331/" + strings.Repeat("x", 300),
	} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		n, err := resolve(path)
		if err != nil {
			if n != (node{}) || forum.KindOf(err) != forum.NotFound {
				t.Fatalf("%q: %+v, %v", path, n, err)
			}
			return
		}
		for _, s := range []string{n.place.Thread, n.place.Person, n.name} {
			if s == "." || s == ".." || strings.ContainsAny(s, "/\x00") {
				t.Fatalf("%q leads to %+v", path, n)
			}
		}
		if (n.name != "") != (n.kind == fileNode || n.kind == textNode || n.kind == keysNode) {
			t.Fatalf("%q leads to %+v", path, n)
		}
		if inPlace := n.kind == folderNode || n.kind == fileNode || n.kind == textNode; inPlace != (n.place != rules.Place{}) {
			t.Fatalf("%q leads to %+v", path, n)
		}
		if strings.HasPrefix(n.place.Thread, ".") || strings.HasPrefix(n.place.Thread, "@") {
			t.Fatalf("%q leads to %+v", path, n)
		}
		again, err := resolve("/" + strings.Trim(path, "/"))
		if err != nil || again != n {
			t.Fatalf("%q leads to %+v, and with other slashes to %+v, %v", path, n, again, err)
		}
	})
}
