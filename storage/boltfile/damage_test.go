package boltfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"sshforum/forum"
)

const (
	pageSize   = 4096
	damagedRow = "a row is damaged"
)

// specimen is a sound file with pages of all kinds, to be damaged.
type specimen struct {
	t       *testing.T
	path    string
	content []byte
	pages   int    // in use, or free
	rows    uint64 // hash of all of them
}

func newSpecimen(t *testing.T) *specimen {
	path := prepare(t, t.TempDir(), 30)
	f := open(t, path, things())
	var err error
	s := &specimen{t: t, path: path}
	for from := 0; from < 200; from += 50 { // several commits, so that some pages are free
		if err := putLongKeys(f, from, from+50); err != nil {
			t.Fatal(err)
		}
	}
	s.rows, err = rowsOf(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, _ := heads(bytes.NewReader(content))
	s.pages = int(head[0].pages)
	s.content = content[:s.pages*pageSize] // the rest was never used
	return s
}

// putLongKeys makes branches of few elements, so that there are some on two levels.
func putLongKeys(f *File, from, to int) error {
	tx, err := f.Begin()
	if err != nil {
		return err
	}
	for i := from; i < to; i++ {
		if err := tx.Bucket(thingsBucket).Put(bytes.Repeat(key(i), 60), nil); err != nil {
			return err
		}
	}
	return f.Commit(tx)
}

// rowsOf reads all rows of f.
func rowsOf(f *File) (hash uint64, err error) {
	sum := fnv.New64a()
	err = f.View(func(tx *Tx) error {
		for _, name := range []string{MetaBucket, thingsBucket} {
			c := tx.Bucket(name).Cursor()
			k, v, err := c.Seek(nil)
			for ; k != nil && err == nil; k, v, err = c.Next() {
				fmt.Fprintf(sum, "%s %x %x ", name, k, v)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return sum.Sum64(), err
}

// open writes the damaged content, opens it and reads everything. It returns the sentence of
// the error, from the file's name on, or "" if all rows were read unchanged.
func (s *specimen) open(what string, damaged []byte) string {
	s.t.Helper()
	if err := os.WriteFile(s.path, damaged, 0o600); err != nil {
		s.t.Fatal(err)
	}
	f, err := Open(s.path, things())
	if err == nil {
		defer f.Close()
		rows, err := rowsOf(f)
		if err != nil {
			return s.damagedRow(what, f, err)
		}
		if rows != s.rows {
			s.t.Errorf("%s: the file is opened and has something else", what)
		}
		return ""
	}
	if forum.KindOf(err) != forum.Unavailable {
		s.t.Errorf("%s: %v", what, err)
	}
	if after, _ := os.ReadFile(s.path); !bytes.Equal(after, damaged) {
		s.t.Errorf("%s: the file was changed", what)
	}
	return strings.TrimPrefix(forum.Explain(err), s.path)
}

// damagedRow returns damagedRow if err is that of a damaged row, and a check finds the row too.
func (s *specimen) damagedRow(what string, f *File, err error) string {
	s.t.Helper()
	var row *RowError
	found := NewFindings("things")
	checked := f.Check(found, func(*Tx) error { return nil })
	if !errors.As(err, &row) || forum.KindOf(err) != forum.Internal || f.DamagedReads() == 0 || checked != nil || found.Err() == nil {
		s.t.Errorf("%s: %v; a check says %v, %v", what, err, found.Err(), checked)
	}
	return damagedRow
}

func (s *specimen) wantDamaged(what, sentence string) {
	s.t.Helper()
	if sentence == damagedRow {
		return
	}
	if !strings.HasPrefix(sentence, damagedThing) || !strings.HasSuffix(sentence, "); restore it from a backup.") {
		s.t.Errorf("%s: %q", what, sentence)
	}
}

// TestCutFile: a file without its end is damaged, wherever it was cut. If less than a head is
// left, nothing can be said of it.
func TestCutFile(t *testing.T) {
	s := newSpecimen(t)
	used := s.pages * pageSize
	lengths := []int{20, 79, 80, 100, 512, pageSize - 1, pageSize, pageSize + 1, 2 * pageSize, used - 1, used - pageSize, used / 2}
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		lengths = append(lengths, 20+random.IntN(used-20))
	}
	for _, n := range lengths {
		s.wantDamaged(fmt.Sprint("cut to ", n), s.open("", s.content[:n]))
	}
	for _, n := range []int{1, 19} {
		if got := s.open("", s.content[:n]); got != noForumsFile {
			t.Errorf("cut to %d: %q", n, got)
		}
	}
	if got := s.open("", s.content); got != "" {
		t.Errorf("the whole file: %q", got)
	}
}

// TestDamagedPages damages each page in several ways: it is found, or the page was free.
func TestDamagedPages(t *testing.T) {
	s := newSpecimen(t)
	other := s.content[2*pageSize : 3*pageSize]
	for name, damage := range map[string]func(page []byte){
		"garbage":                   func(page []byte) { copy(page, bytes.Repeat([]byte("\xde\xad\xbe\xef"), pageSize/4)) },
		"zeros":                     func(page []byte) { clear(page) },
		"zeros in the first sector": func(page []byte) { clear(page[:512]) },
		"garbage behind header":     func(page []byte) { copy(page[16:], bytes.Repeat([]byte("\xde\xad\xbe\xef"), pageSize/4)) },
		"another page":              func(page []byte) { copy(page, other) },
	} {
		t.Run(name, func(t *testing.T) {
			s := *s
			s.t = t
			found := 0
			for n := 3; n < s.pages; n++ {
				damaged := bytes.Clone(s.content)
				damage(damaged[n*pageSize : (n+1)*pageSize])
				if sentence := s.open(fmt.Sprint("page ", n), damaged); sentence != "" {
					found++
					s.wantDamaged(fmt.Sprint("page ", n), sentence)
				}
			}
			if found < 30 {
				t.Errorf("%d pages were found to be damaged", found)
			}
		})
	}
}

// TestPagesTooMany: a page that claims the free one behind it would be freed with that.
func TestPagesTooMany(t *testing.T) {
	s := newSpecimen(t)
	whole, _ := heads(bytes.NewReader(s.content))
	v := newVerifier(bytes.NewReader(s.content), whole[0], func(int64) error { return nil })
	if err := v.tree(whole[0].root, 0, nil, nil); err != nil {
		t.Fatal(err)
	}
	used := func(n int) bool { return v.reached[n/64]&(1<<(n%64)) != 0 }
	tried := 0
	for n := 2; n < s.pages-1; n++ {
		page := s.content[n*pageSize : (n+1)*pageSize]
		if !used(n) || used(n+1) || binary.NativeEndian.Uint64(page) != uint64(n) || page[12] != 0 {
			continue
		}
		tried++
		damaged := bytes.Clone(s.content)
		damaged[n*pageSize+12]++
		s.wantDamaged(fmt.Sprint("page ", n), s.open(fmt.Sprint("page ", n), damaged))
	}
	if tried == 0 {
		t.Error("no page lies before a free one")
	}
}

// TestPagesInCircles: bbolt would follow them for ever.
func TestPagesInCircles(t *testing.T) {
	s := newSpecimen(t)
	found := 0
	for n := 2; n < s.pages; n++ {
		page := s.content[n*pageSize : (n+1)*pageSize]
		if binary.NativeEndian.Uint64(page) != uint64(n) || page[8] != branchPage {
			continue
		}
		damaged := bytes.Clone(s.content)
		binary.NativeEndian.PutUint64(damaged[n*pageSize+pageHeader+8:], uint64(n))
		if sentence := s.open(fmt.Sprint("page ", n), damaged); sentence != "" {
			found++
			s.wantDamaged(fmt.Sprint("page ", n), sentence)
		}
	}
	if found == 0 {
		t.Error("no page leads to others")
	}
}

// TestFlippedBits: no flipped bit turns the file into another one that seems valid. Some of
// them would make bbolt read anywhere in memory.
func TestFlippedBits(t *testing.T) {
	s := newSpecimen(t)
	random := rand.New(rand.NewPCG(3, 4))
	found := 0
	for i := range 2000 {
		n := 2 + random.IntN(s.pages-2)
		bit := random.IntN(8 * pageSize)
		if i%2 == 0 {
			bit %= 8 * 200 // headers, elements, and the first keys of a page
		}
		damaged := bytes.Clone(s.content)
		damaged[n*pageSize+bit/8] ^= 1 << (bit % 8)
		what := fmt.Sprint("page ", n, ", bit ", bit)
		if sentence := s.open(what, damaged); sentence != "" {
			found++
			s.wantDamaged(what, sentence)
		}
	}
	if found < 500 {
		t.Errorf("%d were found", found)
	}
}

// TestDamagedHeads: the file says which commit was the last in two places, in turns. One
// that is lost may be the last, so it is not taken for granted that it was not.
func TestDamagedHeads(t *testing.T) {
	s := newSpecimen(t)
	flip := func(at int) []byte {
		damaged := bytes.Clone(s.content)
		damaged[at] ^= 1
		return damaged
	}
	for _, head := range []int{0, pageSize} {
		for at := pageHeader; at < pageHeader+headSize; at++ {
			s.wantDamaged(fmt.Sprint("byte ", head+at), s.open("", flip(head+at)))
		}
		for _, at := range []int{0, pageHeader - 1, pageHeader + headSize, pageSize - 1} { // nobody reads these
			if got := s.open("", flip(head+at)); got != "" {
				t.Errorf("byte %d: %q", head+at, got)
			}
		}
	}
	both := bytes.Clone(s.content)
	clear(both[:2*pageSize])
	s.wantDamaged("both heads", s.open("", both))
}

// TestOneHead: with Options.OneHead the rows of the other head are read, and the next commits
// repair the lost one.
func TestOneHead(t *testing.T) {
	path := prepare(t, t.TempDir(), 10)
	f := open(t, path, things())
	if err := put(f, 10, 20); err != nil {
		t.Fatal(err)
	}
	last := f.last
	checkAndClose(t, f)
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt(make([]byte, headSize), int64(last%2*pageSize+pageHeader)); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	wantOpenError(t, path, forum.Unavailable, path+damagedThing+"one of its two heads is lost")
	o := things()
	o.OneHead = true
	f = open(t, path, o)
	if !has(t, f, 9) || has(t, f, 10) {
		t.Error("the file does not have what the other head says")
	}
	if err := put(f, 30, 31); err != nil {
		t.Fatal(err)
	}
	checkAndClose(t, f)
	if f := open(t, path, things()); !has(t, f, 30) {
		t.Error("what was committed then is not there")
	}
}

// live opens the specimen, and once more to be damaged meanwhile.
func (s *specimen) live() (*File, *os.File) {
	s.t.Helper()
	if err := os.WriteFile(s.path, s.content, 0o600); err != nil {
		s.t.Fatal(err)
	}
	f, err := Open(s.path, things())
	if err != nil {
		s.t.Fatal(err)
	}
	file, err := os.OpenFile(s.path, os.O_RDWR, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	return f, file
}

// TestPagesDamagedLater: a page that is damaged while the file is open is an error for readers
// of it and the pages below it, and no panic, which would end the process.
func TestPagesDamagedLater(t *testing.T) {
	s := newSpecimen(t)
	f, file := s.live()
	found := 0
	for n := 2; n < s.pages; n++ {
		for _, garbage := range [][]byte{{0xff}, bytes.Repeat([]byte{0}, pageHeader), bytes.Repeat([]byte{0x55}, 100)} {
			file.WriteAt(garbage, int64(n*pageSize))
			if rows, err := rowsOf(f); err == nil && rows != s.rows {
				t.Errorf("page %d: something else is read", n)
			} else if err != nil {
				found++
			}
			f.View(func(tx *Tx) error {
				b := tx.Bucket(thingsBucket)
				c := b.Cursor()
				b.GetPart(key(15), 0, 10)
				b.Get(key(31))
				c.Below(nil)
				c.Prev()
				return nil
			})
			file.WriteAt(s.content[n*pageSize:n*pageSize+len(garbage)], int64(n*pageSize))
		}
	}
	if found < 50 {
		t.Errorf("%d damaged pages were found", found)
	}
	if err := errors.Join(file.Close(), f.Close()); err != nil {
		t.Error(err)
	}
}

// TestCommitMeetsDamagedPage in which the key of a branch is too long: bbolt panics, and can
// panic again in the rollback. The file can still be closed.
func TestCommitMeetsDamagedPage(t *testing.T) {
	s := newSpecimen(t)
	random := rand.New(rand.NewPCG(5, 6))
	stuck := 0
	for range 50 {
		if s.commit(random) {
			stuck++
		}
	}
	if stuck == 0 {
		t.Error("no commit got stuck")
	}
}

// commit damages a page of an open file and makes some commits. It reports whether one got
// stuck.
func (s *specimen) commit(random *rand.Rand) (stuck bool) {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "things.db")
	damaged := bytes.Clone(s.content)
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		s.t.Fatal(err)
	}
	f, err := Open(path, things())
	if err != nil {
		s.t.Fatal(err)
	}
	const branch, element = 68, 6
	if damaged[branch*pageSize+8] != branchPage {
		s.t.Fatal("the specimen is another one")
	}
	damaged[branch*pageSize+pageHeader+element*elementSize+5] ^= 2 // of the length
	overwrite(s.t, path, damaged)
	for i := 0; i < 3 && err == nil; i++ {
		var tx *Tx
		if tx, err = f.Begin(); err != nil {
			s.t.Fatal(err)
		}
		Contain(func() error { return tx.Bucket(thingsBucket).Put(key(random.IntN(60)), []byte{1}) })
		err = f.Commit(tx)
	}
	if stuck = f.stuck.Load(); stuck {
		if forum.KindOf(err) != forum.Unavailable {
			s.t.Errorf("the commit: %v", err)
		}
		if _, err := f.Begin(); forum.KindOf(err) != forum.Unavailable {
			s.t.Errorf("the next: %v", err)
		}
	}
	if err := f.Close(); err != nil {
		s.t.Error(err)
	}
	return stuck
}

// TestWalkEnds if a page leads to a wrong page, such as an earlier one.
func TestWalkEnds(t *testing.T) {
	s := newSpecimen(t)
	f, file := s.live()
	for n := 2; n < s.pages; n++ {
		at := n * pageSize
		if binary.NativeEndian.Uint64(s.content[at:]) != uint64(n) || s.content[at+8] != branchPage {
			continue
		}
		for i := range int(binary.NativeEndian.Uint16(s.content[at+10:])) {
			below := at + pageHeader + i*elementSize + 8
			for bit := range 7 {
				to := s.content[below] ^ 1<<bit
				if int(to) >= s.pages || s.content[int(to)*pageSize+8] != leafPage {
					continue
				}
				file.WriteAt([]byte{to}, int64(below))
				steps := 0
				var err error
				for place, more := (Place{}), true; more && steps < 1000; more = place.Bucket != "" {
					steps++
					if place, _, err = f.Walk(place, 1000); err != nil {
						break
					}
				}
				if steps == 1000 {
					t.Errorf("page %d leads to page %d: the walk does not end", n, to)
				}
				file.WriteAt(s.content[below:below+1], int64(below))
			}
		}
	}
	if err := errors.Join(file.Close(), f.Close()); err != nil {
		t.Error(err)
	}
}

// TestCheckEnds: a check ends at the first page or row after its caller has given up.
func TestCheckEnds(t *testing.T) {
	f := open(t, prepare(t, t.TempDir(), 1000), things())
	asked, wanted, enough := 0, 0, errors.New("enough")
	check := func() error {
		found := NewFindings("things")
		found.Met = func(int64) error {
			if asked++; asked >= wanted {
				return enough
			}
			return nil
		}
		return errors.Join(f.Check(found, func(*Tx) error { return nil }), found.Err())
	}
	for wanted = 1; check() != nil; wanted++ {
		if asked != wanted {
			t.Fatalf("after %d calls of %d the check goes on", wanted, asked)
		}
		asked = 0
	}
	if wanted < 100 {
		t.Errorf("a check of 1000 rows asks %d times", wanted)
	}
}

// TestKeyWithoutEnd: a flipped bit in the length of a key does not make the whole file the
// key of a row, which is told, kept and gone on behind.
func TestKeyWithoutEnd(t *testing.T) {
	path := prepare(t, t.TempDir(), 1000)
	f, err := Open(path, things())
	if err != nil {
		t.Fatal(err)
	}
	flipLength(t, path, key(500), 1<<19)
	err = f.View(func(tx *Tx) error {
		_, err := tx.Bucket(thingsBucket).Get(key(500))
		return err
	})
	var row *RowError
	if !errors.As(err, &row) || len(row.Key) > bbolt.MaxKeySize || !bytes.HasPrefix(row.Key, key(500)) {
		t.Errorf("a row with a key of %d bytes is damaged: %.100v", len(row.Key), err)
	}
	for at, more := (Place{}), true; more; more = at.Bucket != "" {
		if at, _, err = f.Walk(at, 1); err != nil || len(at.Key) > bbolt.MaxKeySize {
			t.Fatalf("the walk goes on behind a key of %d bytes: %v", len(at.Key), err)
		}
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// flipLength flips a bit of how long the key of a row is, wherever it is in a leaf.
func flipLength(t *testing.T, path string, key []byte, bit uint32) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(content); at += pageSize {
		page := content[at : at+pageSize]
		if page[8] != leafPage || int(binary.NativeEndian.Uint64(page)) != at/pageSize {
			continue
		}
		for i := range int(binary.NativeEndian.Uint16(page[10:])) {
			e := page[pageHeader+i*elementSize:]
			if begin := binary.NativeEndian.Uint32(e[4:]); begin < pageSize && bytes.HasPrefix(e[min(int(begin), len(e)):], key) {
				binary.NativeEndian.PutUint32(e[8:], binary.NativeEndian.Uint32(e[8:])^bit)
			}
		}
	}
	overwrite(t, path, content)
}

// overwrite writes a file in place.
func overwrite(t *testing.T, path string, content []byte) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteAt(content, 0)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}
