package forum

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzCleanMessage(f *testing.F) {
	for _, c := range terminalTricks {
		f.Add(c.in)
	}
	for _, text := range ordinaryTexts {
		f.Add(text)
	}
	f.Add(strings.Join(fragments, ""))
	f.Fuzz(func(t *testing.T, in string) { checkClean(t, in) })
}

func FuzzPrintable(f *testing.F) {
	for _, c := range terminalTricks {
		f.Add(c.in)
	}
	f.Add(strings.Join(fragments, ""))
	f.Add("\x80\xed\xa0\x80\xff")
	f.Fuzz(func(t *testing.T, in string) { checkShown(t, in) })
}

func FuzzNames(f *testing.F) {
	for _, name := range goodNames {
		f.Add(name)
	}
	for name := range badNames {
		f.Add(name)
	}
	for _, title := range goodTitles {
		f.Add(title)
	}
	for title := range badTitles {
		f.Add(title)
	}
	f.Fuzz(func(t *testing.T, in string) {
		checkName(t, in)
		checkTitle(t, in)
	})
}

// checkName fails unless CleanName and NameKey do on in as documented.
func checkName(t failer, in string) {
	t.Helper()
	name, err := CleanName(in)
	if err != nil {
		if KindOf(err) != Invalid || name != "" || Printable(Explain(err)) != Explain(err) {
			t.Fatalf("CleanName(%+q) = %+q, %+q of kind %v", in, name, err, KindOf(err))
		}
		return
	}
	checkSafe(t, in, name)
	if again, err := CleanName(name); err != nil || again != name {
		t.Fatalf("CleanName(%+q) = %+q, then %+q, %v", in, name, again, err)
	}
	if shown := Printable(name); shown != name {
		t.Fatalf("Printable(%+q) = %+q", name, shown)
	}
	if n := utf8.RuneCountInString(name); n < 1 || n > 32 || strings.ContainsAny(name, " ()/@:,") {
		t.Fatalf("CleanName(%+q) = %+q", in, name)
	}
	key := NameKey(name)
	if NameKey(in) != key || NameKey(key) != key || NameKey(strings.ToUpper(name)) != key && isASCII(name) {
		t.Fatalf("NameKey(%+q) = %+q, but of %+q %+q, of itself %+q", name, key, in, NameKey(in), NameKey(key))
	}
}

// checkTitle fails unless CleanTitle and TitleKey do on in as documented.
func checkTitle(t failer, in string) {
	t.Helper()
	title, err := CleanTitle(in)
	if err != nil {
		if KindOf(err) != Invalid || title != "" || Printable(Explain(err)) != Explain(err) {
			t.Fatalf("CleanTitle(%+q) = %+q, %+q of kind %v", in, title, err, KindOf(err))
		}
		return
	}
	checkSafe(t, in, title)
	if again, err := CleanTitle(title); err != nil || again != title {
		t.Fatalf("CleanTitle(%+q) = %+q, then %+q, %v", in, title, again, err)
	}
	if shown := Printable(title); shown != title {
		t.Fatalf("Printable(%+q) = %+q", title, shown)
	}
	if TitleKey(in) != title || len(title) > 255 || strings.ContainsAny(title, " /\"'\\*") || strings.ContainsAny(title[:1], ".@-") {
		t.Fatalf("CleanTitle(%+q) = %+q with key %+q", in, title, TitleKey(in))
	}
}

func isASCII(s string) bool { return len(s) == utf8.RuneCountInString(s) }
