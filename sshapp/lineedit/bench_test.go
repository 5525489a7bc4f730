package lineedit

import (
	"context"
	"io"
	"strings"
	"testing"

	"golang.org/x/time/rate"
)

// hostileLines are long lines in which keys cost much; each is as long as one may be.
var hostileLines = map[string]string{
	"letters": strings.Repeat("x", 60<<10),
	"words":   strings.Repeat("ab cd ", 10<<10),
	"marks":   strings.Repeat("e\u0301", 20<<10),
	"flags":   strings.Repeat("\U0001F1E6", 15<<10),
	"lines":   strings.Repeat("a\n", 30<<10),
}

// hostileKeys are keys that go over all of a line, 4 KiB of them.
var hostileKeys = map[string]string{
	"kill and yank":   "\x01\x0b\x19",
	"kill and undo":   "\x01\x0b\x1f",
	"words":           "\x1bb\x1bf\x01\x1bf\x05\x1bb",
	"kill words":      "\x17\x19",
	"recall":          "\x10\x0e",
	"search":          "\x12x\x12\x12\x07",
	"lines":           "\x1b[A\x1b[B",
	"insert at start": "\x01\U0001F1E6 ",
	"complete":        "\t\t",
	"transpose":       "\x01\x06\x14",
	"clear":           "\x0c",
}

// BenchmarkHostileKeys measures 4 KiB of expensive keys in a long line.
func BenchmarkHostileKeys(b *testing.B) {
	for line, text := range hostileLines {
		for keys, once := range hostileKeys {
			b.Run(line+"/"+keys, func(b *testing.B) {
				all := strings.Repeat(once, 4<<10/len(once))
				for b.Loop() {
					b.StopTimer()
					in, typed := io.Pipe()
					ed := New(Config{In: in, Out: io.Discard, Width: 80, Height: 24, History: []string{text, text[:len(text)/2]}})
					ed.effort.left.SetLimit(rate.Inf) // the cost is asked for, not how long it is spread out
					go func() {
						_, _ = io.WriteString(typed, pasteBegin+text+pasteEnd+"?")
						_, _ = io.WriteString(typed, all+"\x05\x15\r")
						_ = typed.Close()
					}()
					ctx, cancel := context.WithCancel(b.Context())
					b.StartTimer()
					if _, err := ed.ReadLine(ctx, "> "); err != nil {
						b.Fatal(err)
					}
					cancel()
					ed.Close()
				}
			})
		}
	}
}
