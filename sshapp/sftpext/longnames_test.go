package sftpext

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

const (
	longAugust   = "-rw-r--r--    1 yoda     forum           6 Aug 9 07:05 a"
	paddedAugust = "-rw-r--r--    1 yoda     forum           6 Aug  9 07:05 a"
)

// names returns SSH_FXP_NAME with one file, of all the attributes there are.
func names(id uint32, name, long string) []byte {
	return packet(fxpName, id, content(1, name, long, 0xf, uint64(6), 1, 2, 0o100644, 3, 4))
}

func TestDaysArePadded(t *testing.T) {
	for long, want := range map[string]string{
		longAugust: paddedAugust,
		"-rw-r--r--    1 yoda     forum           6 Aug 9  2025 a":  "-rw-r--r--    1 yoda     forum           6 Aug  9  2025 a",
		"-rw-r--r--    1 yoda     forum           6 Aug 19 07:05 a": "-rw-r--r--    1 yoda     forum           6 Aug 19 07:05 a",
		"-rw-r--r--    1 yoda     forum           6 Aug 19  2025 a": "-rw-r--r--    1 yoda     forum           6 Aug 19  2025 a",
		"a": "a", " a": " a", "9 07:05 a": "9 07:05 a", "": "", "Aug 9 07:05 b": "Aug 9 07:05 b",
	} {
		if got := paddingDays(names(7, "a", long)); !bytes.Equal(got, names(7, "a", want)) {
			t.Errorf("%q becomes %q", long, got)
		}
	}
	odd := "Aug 9 07:05" // a name may look like a date
	if got := paddingDays(names(7, odd, "x Jan 1 00:00 "+odd)); !bytes.Equal(got, names(7, odd, "x Jan  1 00:00 "+odd)) {
		t.Errorf("%q", got)
	}
	many := packet(fxpName, 7, content(2, "a", longAugust, 0, "b", "b", 0x4, 0o644))
	if got, want := paddingDays(many), packet(fxpName, 7, content(2, "a", paddedAugust, 0, "b", "b", 0x4, 0o644)); !bytes.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestNamesThatCannotBeReadAreLeft(t *testing.T) {
	whole := names(7, "a", longAugust)
	for end := headerLength; end < len(whole); end++ {
		cut := slices.Clone(whole[:end])
		binary.BigEndian.PutUint32(cut, uint32(end-4))
		if got := paddingDays(cut); !bytes.Equal(got, cut) {
			t.Errorf("%q becomes %q", cut, got)
		}
	}
	for what, b := range map[string][]byte{
		"more than there are": packet(fxpName, 7, content(1<<31, "a", longAugust, 0)),
		"extended attributes": packet(fxpName, 7, content(1, "a", longAugust, 1<<31, 0)),
	} {
		if got := paddingDays(b); !bytes.Equal(got, b) {
			t.Errorf("%s: %q becomes %q", what, b, got)
		}
	}
}
