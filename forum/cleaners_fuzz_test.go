package forum

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

// cleaners are all functions through which people's texts pass before they are stored or shown.
var cleaners = map[string]func(string) (string, error){
	"CleanMessage":  func(s string) (string, error) { return CleanMessage(s, testLimit) },
	"CleanReason":   CleanReason,
	"CleanTitle":    CleanTitle,
	"CleanName":     CleanName,
	"CleanFileName": CleanFileName,
	"Printable":     func(s string) (string, error) { return Printable(s), nil },
	"PrintableText": func(s string) (string, error) { return PrintableText(s), nil },
	"NameKey":       func(s string) (string, error) { return NameKey(s), nil },
	"TitleKey":      func(s string) (string, error) { return TitleKey(s), nil },
}

// texts are the cleaners that keep line breaks and tabs. keys are the cleaners whose results
// are compared and never shown.
var (
	texts = []string{"CleanMessage", "PrintableText"}
	keys  = []string{"NameKey", "TitleKey"}
)

// FuzzCleaners checks that a clean text is not changed again, that no control character
// survives, and that a stored text is shown unchanged.
func FuzzCleaners(f *testing.F) {
	for _, c := range terminalTricks {
		f.Add(c.in)
	}
	for _, text := range ordinaryTexts {
		f.Add(text)
	}
	f.Add(strings.Join(fragments, ""))
	for _, name := range []string{"report (1).pdf", "名簿.txt", "a\x1b[2Jb.txt", "..", ".ssh", "a/b", "a ", "e\u0301.txt", "a\u202etxt.exe"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for name, clean := range cleaners {
			checkCleaner(t, name, clean, in)
		}
	})
}

func checkCleaner(t *testing.T, name string, clean func(string) (string, error), in string) {
	t.Helper()
	out, err := clean(in)
	if err != nil {
		if KindOf(err) != Invalid || out != "" || Printable(Explain(err)) != Explain(err) {
			t.Fatalf("%s(%+q) = %+q, %v of kind %v", name, in, out, err, KindOf(err))
		}
		return
	}
	if again, err := clean(out); err != nil || again != out {
		t.Fatalf("%s(%+q) = %+q, then %+q, %v", name, in, out, again, err)
	}
	if slices.Contains(keys, name) {
		return
	}
	checkSafe(t, in, out)
	show, shown := Printable, out
	if slices.Contains(texts, name) {
		show, shown = PrintableText, strings.NewReplacer("\n", "", "\t", "").Replace(out)
	}
	if strings.ContainsFunc(shown, unicode.IsControl) {
		t.Fatalf("%s(%+q) = %+q, with a control character", name, in, out)
	}
	if show(out) != out {
		t.Fatalf("%s(%+q) = %+q, and is shown as %+q", name, in, out, show(out))
	}
}
