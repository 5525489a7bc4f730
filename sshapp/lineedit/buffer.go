package lineedit

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// maxUndo limits the text kept for undo, in bytes.
const maxUndo = 64 << 10

// buffer is the text being edited, as grapheme clusters (Unicode Standard Annex
// 29), with the cursor before text[pos].
type buffer struct {
	text []string
	pos  int
	over int // bytes before the cursor that follow the last insertion and joined its last cluster
	size int // bytes
	undo []change
}

// change is the data to undo a replacement: text[at:at+n] replaced old, and the cursor was at
// pos.
type change struct {
	at, n, pos int
	old        string
}

func (b *buffer) String() string            { return join(b.text) }
func (b *buffer) slice(from, to int) string { return join(b.text[from:to]) }
func (b *buffer) move(to int)               { b.pos = max(0, min(to, len(b.text))) }
func (b *buffer) delete(from, to int)       { b.replace(from, to, "") }
func (b *buffer) set(s string)              { b.replace(0, len(b.text), s) }

// join is strings.Join without a separator, for very many very short strings.
func join(text []string) string {
	if len(text) == 1 {
		return text[0]
	}
	joined := make([]byte, 0, len(text))
	for _, c := range text {
		joined = append(joined, c...)
	}
	return string(joined)
}

// index returns the index of the cluster that contains the byte at offset.
func (b *buffer) index(offset int) int {
	for i, c := range b.text {
		if offset -= len(c); offset < 0 {
			return i
		}
	}
	return len(b.text)
}

// clusters splits s into grapheme clusters. An ASCII character before another is a cluster of
// its own, since no text has a CR.
func clusters(s string) []string {
	cut := make([]string, 0, utf8.RuneCountInString(s))
	for len(s) > 0 {
		n := 1
		if s[0] >= utf8.RuneSelf || len(s) > 1 && s[1] >= utf8.RuneSelf {
			n = len(graphemes.FromString(s).First())
		}
		cut = append(cut, s[:n])
		s = s[n:]
	}
	return cut
}

// replace replaces text[from:to] by s, and puts the cursor after it. It returns the old text.
func (b *buffer) replace(from, to int, s string) (old string) {
	from, to = max(from, 0), min(to, len(b.text))
	if from < to || s != "" {
		old = b.splice(from, to, s, "", false)
	}
	return old
}

// splice replaces text[from:to] by head and tail, and puts the cursor between them. The new
// text may join with its neighbours into one cluster, so these are split again. That is enough,
// since a boundary depends on nothing before the last one, and on nothing after the next one
// that stays. If merge is true, one undo takes back both this change and the one before. It
// returns the old text[from:to].
func (b *buffer) splice(from, to int, head, tail string, merge bool) (replaced string) {
	lo, hi := max(from-1, 0), min(to+1, len(b.text))
	before, after := b.slice(lo, from), b.slice(to, hi)
	head = before + head
	added := head + tail + after
	fresh := clusters(added)
	if _, over := boundary(fresh, len(head)+len(tail)); over > 0 {
		hi = len(b.text)
		after = b.slice(to, hi)
		added = head + tail + after
		fresh = clusters(added)
	}
	old := b.slice(lo, hi)
	b.record(change{lo, len(fresh), b.pos, old}, hi-lo, merge)
	if lo == 0 && hi == len(b.text) {
		b.text = fresh
	} else {
		b.text = slices.Replace(b.text, lo, hi, fresh...)
	}
	b.size += len(added) - len(old)
	n, over := boundary(fresh, len(head))
	b.pos, b.over = lo+n, over
	return old[len(before) : len(old)-len(after)]
}

// boundary returns how many clusters contain the first n bytes, and by how many bytes these
// clusters exceed n.
func boundary(text []string, n int) (count, over int) {
	for n > 0 {
		n -= len(text[count])
		count++
	}
	return count, -n
}

// record adds a change, which replaces the given number of clusters, to the undo list.
func (b *buffer) record(c change, replaced int, merge bool) {
	if merge && len(b.undo) > 0 {
		last := &b.undo[len(b.undo)-1]
		if last.at <= c.at && c.at+replaced <= last.at+last.n {
			last.n += c.n - replaced
			return
		}
	}
	b.undo = append(b.undo, c)
	kept := 0
	for i := len(b.undo) - 2; i >= 0; i-- {
		if kept += len(b.undo[i].old) + 64; kept > maxUndo {
			b.undo = slices.Delete(b.undo, 0, i+1)
			return
		}
	}
}

// takeBack undoes the last change and reports whether there was one.
func (b *buffer) takeBack() bool {
	if len(b.undo) == 0 {
		return false
	}
	c := b.undo[len(b.undo)-1]
	b.undo = b.undo[:len(b.undo)-1]
	for _, cluster := range b.text[c.at : c.at+c.n] {
		b.size -= len(cluster)
	}
	b.size += len(c.old)
	b.text = slices.Replace(b.text, c.at, c.at+c.n, clusters(c.old)...)
	b.pos = c.pos
	return true
}

// insert inserts s before the cursor as far as limit allows, and reports whether all of it
// fitted. It omits joiners that have nothing to join. If pasted is true, nothing is inserted
// after the first character that does not fit. If merge is true, s continues the last
// insertion, even if that had joined with the text after it.
func (b *buffer) insert(s string, limit int, pasted, merge bool) bool {
	from, head, tail := b.pos, "", ""
	if merge && b.over > 0 {
		from--
		cut := len(b.text[from]) - b.over
		head, tail = b.text[from][:cut], b.text[from][cut:]
	} else if from > 0 {
		from--
		head = b.text[from]
	}
	prev, _ := utf8.DecodeLastRuneInString(head)
	fits := true
	taken := []byte(head)
	size := b.size
	for _, r := range s {
		if r >= utf8.RuneSelf && joins(r) && (len(taken) == 0 || prev == '\n' || prev == '\t') {
			continue
		}
		if size+utf8.RuneLen(r) > limit {
			fits = false
			if pasted {
				break
			}
			continue
		}
		taken = utf8.AppendRune(taken, r)
		size += utf8.RuneLen(r)
		prev = r
	}
	if size > b.size {
		b.splice(from, b.pos, string(taken), tail, merge)
	}
	return fits
}

func joins(r rune) bool { return unicode.In(r, unicode.Join_Control, unicode.Variation_Selector) }

// transpose exchanges the clusters around the cursor, or the last two at the end.
func (b *buffer) transpose() bool {
	i := min(b.pos, len(b.text)-1)
	if i < 1 {
		return false
	}
	b.replace(i-1, i+1, b.text[i]+b.text[i-1])
	return true
}

func isSpace(c string) bool {
	r, _ := utf8.DecodeRuneInString(c)
	return unicode.IsSpace(r)
}

func isNotWord(c string) bool {
	r, _ := utf8.DecodeRuneInString(c)
	return !unicode.IsLetter(r) && !unicode.IsNumber(r)
}

func (b *buffer) start() int  { return 0 }
func (b *buffer) finish() int { return len(b.text) }
func (b *buffer) left() int   { return max(0, b.pos-1) }
func (b *buffer) right() int  { return min(b.pos+1, len(b.text)) }

// wordLeft returns the start of the word before the cursor.
func (b *buffer) wordLeft() int { return b.back(isNotWord) }

// argumentLeft is wordLeft for words separated only by spaces.
func (b *buffer) argumentLeft() int { return b.back(isSpace) }

// back returns the start of the word before the cursor; gap reports whether a cluster separates
// words.
func (b *buffer) back(gap func(string) bool) int {
	i := b.pos
	for i > 0 && gap(b.text[i-1]) {
		i--
	}
	for i > 0 && !gap(b.text[i-1]) {
		i--
	}
	return i
}

// wordRight returns the end of the word after the cursor.
func (b *buffer) wordRight() int {
	i := b.pos
	for i < len(b.text) && isNotWord(b.text[i]) {
		i++
	}
	for i < len(b.text) && !isNotWord(b.text[i]) {
		i++
	}
	return i
}

// lineUp moves the cursor up by one line of a text, and reports whether there was one.
func (b *buffer) lineUp() bool {
	start := b.lineStart(b.pos)
	if start == 0 {
		return false
	}
	above := b.lineStart(start - 1)
	b.pos = min(above+b.pos-start, start-1)
	return true
}

// lineDown moves the cursor down by one line, and reports whether there was one.
func (b *buffer) lineDown() bool {
	end := slices.Index(b.text[b.pos:], "\n")
	if end < 0 {
		return false
	}
	column := b.pos - b.lineStart(b.pos)
	start := b.pos + end + 1
	length := slices.Index(b.text[start:], "\n")
	if length < 0 {
		length = len(b.text) - start
	}
	b.pos = start + min(column, length)
	return true
}

// lineStart returns the start of the line that contains text[i].
func (b *buffer) lineStart(i int) int {
	for i > 0 && b.text[i-1] != "\n" {
		i--
	}
	return i
}
