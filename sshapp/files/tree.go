package files

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/sshapp/render"
)

// node is one place of the file tree.
//
//	/                       the threads
//	/3331/report.pdf        a file of a thread
//	/3331/.thread.txt       a thread as text, made when it is read; also .thread.json
//	/@yoda/report.pdf       a file for a person; can only be written
//	/.inbox/                files that others sent me
//	/.ssh/authorized_keys   my public keys
type node struct {
	kind  nodeKind
	place rules.Place
	name  string // of a file in place
}

type nodeKind uint8

const (
	rootNode nodeKind = iota
	folderNode
	fileNode
	textNode // .thread.txt and .thread.json
	sshNode
	keysNode
)

const (
	sshDir   = ".ssh"
	keysFile = "authorized_keys"
)

// resolve returns the node at path. It compares whole elements, skips ".", which scp asks for,
// and rejects "..". Errors: NotFound if path cannot be in any tree of the forum.
func resolve(path string) (node, error) {
	elements := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	elements = slices.DeleteFunc(elements, func(e string) bool { return e == "." })
	for _, e := range elements {
		if e == ".." || strings.ContainsRune(e, 0) {
			return node{}, noPath(path)
		}
	}
	switch {
	case len(elements) == 0:
		return node{kind: rootNode}, nil
	case len(elements) > 2:
		return node{}, noPath(path)
	case elements[0] == sshDir:
		return resolveSSH(path, elements[1:])
	}
	n := node{kind: folderNode, place: placeOf(elements[0])}
	if n.place == (rules.Place{}) {
		return node{}, noPath(path)
	}
	if len(elements) == 2 {
		n.kind, n.name = fileNode, elements[1]
		if n.place.Thread != "" && (n.name == forum.ThreadText || n.name == forum.ThreadJSON) {
			n.kind = textNode
		}
	}
	return n, nil
}

func resolveSSH(path string, below []string) (node, error) {
	switch {
	case len(below) == 0:
		return node{kind: sshNode}, nil
	case below[0] == keysFile:
		return node{kind: keysNode, name: keysFile}, nil
	}
	return node{}, noPath(path)
}

// fileKey returns the key by which paths are compared: paths that lead to the same file have
// the same key.
func fileKey(path string) string {
	n, err := resolve(path)
	if err != nil || n.kind != fileNode {
		return path
	}
	folder := render.InboxDir
	switch {
	case n.place.Thread != "":
		folder = forum.TitleKey(n.place.Thread)
	case n.place.Person != "":
		folder = "@" + forum.NameKey(n.place.Person)
	}
	return "/" + folder + "/" + forum.FileKey(n.name)
}

// placeOf returns the place that a top-level name stands for, or the zero Place if there is
// none.
func placeOf(name string) rules.Place {
	switch {
	case name == render.InboxDir:
		return rules.Place{Own: true}
	case strings.HasPrefix(name, "@") && !strings.HasPrefix(name, "@."):
		return rules.Place{Person: name[1:]}
	case strings.HasPrefix(name, ".") || strings.HasPrefix(name, "@"):
		return rules.Place{}
	}
	return rules.Place{Thread: name}
}

// filesIn returns the files that the actor sees in a place, sorted by name: the files of all
// people except those whom the actor has blocked, and the actor's own parts, which others do
// not see.
func filesIn(ctx context.Context, service *rules.Service, actor rules.Actor, at rules.Place) ([]rules.FileInfo, error) {
	files, err := service.Files(ctx, actor, at)
	if err != nil {
		return nil, err
	}
	files = slices.DeleteFunc(files, func(f rules.FileInfo) bool { return f.Folded })
	unfinished, err := service.Unfinished(ctx, actor, at)
	files = append(files, unfinished...)
	slices.SortFunc(files, func(a, b rules.FileInfo) int { return cmp.Compare(a.Name, b.Name) })
	return files, err
}

func noPath(path string) error {
	return forum.Errorf(forum.NotFound, "%s does not exist", forum.Printable(path))
}
