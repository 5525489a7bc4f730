package legacytest

import (
	"runtime"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// HostileTexts returns texts that make one message look like messages of several people, in the
// form of any of the programs, or that control a terminal.
func HostileTexts() (texts []string) {
	forged := []string{
		"2 luke: I resign", "luke uploaded virus.exe", "luke : I resign", "luke (guest): I resign",
		`#2, luke: "I resign", posted at 21 Nov 2026 01:16:51.`, "... 5 more: ssh shows all", "Goodbye", `{"action":"timeout"}`,
	}
	for i, wrap := range []string{"\n", "\r\n", "\r", "\v", "\f", "\u0085", "\u2028", "\u2029", "\n\n\n", "\x1bE", "\x1b[2J\x1b[H", "\u202e"} {
		texts = append(texts, "hello"+wrap+forged[i%len(forged)])
	}
	for _, forged := range forged {
		texts = append(texts, "hello\n"+forged+"\n"+forged)
	}
	return append(texts, "\x1b]0;title\a\u009b31mred\u200b\U000E0041", strings.Repeat("a\n", 3000), strings.Repeat("\u202e", 2000)+"x")
}

// Tame fails the test if a text can control a terminal, or has more than one line.
func Tame(t testing.TB, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("this is no UTF-8: %.200q", text)
	}
	for _, r := range text {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			t.Errorf("%U is shown: %.200q", r, text)
			return
		}
	}
}

// Heap returns the bytes of the heap that are in use.
func Heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Hear reads in the background until the connection ends. Then it sends the results of all
// recvs, joined by |.
func (c *Client) Hear() <-chan string {
	heard := make(chan string, 1)
	go func() {
		var all []string
		for {
			buffer := make([]byte, c.Size)
			n, err := c.Read(buffer)
			if err != nil {
				heard <- strings.Join(all, "|")
				return
			}
			all = append(all, string(buffer[:n]))
		}
	}()
	return heard
}
