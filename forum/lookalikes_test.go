package forum

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestSkeletonsMeet(t *testing.T) {
	for _, alike := range [][]string{
		{"paypa", "раура", "РАУРА", "PAYPA", "Ｐaypa"}, // Latin, Cyrillic
		{"YODA", "ꓬꓳꓓꓮ", "Y0DA", "y0da"},              // Latin, Lisu
		{"BOB", "ВОВ", "ΒΟΒ", "ꓐꓳꓐ"},                  // Latin, Cyrillic, Greek, Lisu
		{"TATE", "ᎢᎪᎢᎬ", "ТАТЕ", "ΤΑΤΕ"},              // Latin, Cherokee, Cyrillic, Greek
		{"yodal", "yoda1"},
		{"ГПФ", "ΓΠΦ"}, // Cyrillic, Greek
		{"ёж-cap", "e\u0308ж-cap", "ёж-сар"},
	} {
		for _, name := range alike {
			if got, want := Skeleton(name), Skeleton(alike[0]); got != want {
				t.Errorf("Skeleton(%q) = %q, but of %q %q", name, got, alike[0], want)
			}
		}
	}
	for _, apart := range [][2]string{
		{"yoda", "yodi"}, {"вов", "bob"}, {"Ian", "Lan"}, {"Иван", "Ivan"}, {"Zoe", "Zoë"}, {"σοφία", "sofia"},
		{"rn", "m"}, {"ヤ", "ya"},
	} {
		if Skeleton(apart[0]) == Skeleton(apart[1]) {
			t.Errorf("%q and %q have the skeleton %q", apart[0], apart[1], Skeleton(apart[0]))
		}
	}
}

// A name that looks like a reserved one is reserved, too.
func TestReservedNamesLookLikeThemselves(t *testing.T) {
	for _, name := range reservedNames {
		if Skeleton(name) != name {
			t.Errorf("%q has the skeleton %q and so is never found", name, Skeleton(name))
		}
	}
	for _, name := range []string{"r00t", "0perator", "ꓮꓓꓟꓲꓠ", "МЕ", "ΜΕ"} {
		refused(t, "CleanName", CleanName, name, "The name "+name+" is reserved; choose another.")
	}
}

func TestPairsAreOfOneLength(t *testing.T) {
	for _, r := range lookalikes {
		for _, from := range "aZ0ф" {
			if got := r.Replace(string(from)); utf8.RuneCountInString(got) != 1 {
				t.Errorf("%c becomes %q", from, got)
			}
		}
	}
}

func checkSkeleton(t interface{ Errorf(string, ...any) }, s string) {
	bones := Skeleton(s)
	if again := Skeleton(bones); again != bones {
		t.Errorf("Skeleton(%+q) = %+q, then %+q", s, bones, again)
	}
	if norm.NFC.String(bones) != bones {
		t.Errorf("Skeleton(%+q) = %+q is not normalised", s, bones)
	}
}

func TestSkeletonTakesAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkSkeleton(t, drawText(t)+rapid.SampledFrom([]string{"", "\xff", "\xe6\x97"}).Draw(t, "tail"))
	})
	for r := range rune(0x20000) {
		if utf8.ValidRune(r) {
			checkSkeleton(t, string(r))
		}
	}
}

func FuzzSkeleton(f *testing.F) {
	for _, s := range []string{"yoda", "раура", "ꭰᎠ", "Y0DA", "ĸκкK", "e\u0308\u0301", strings.Repeat("Ӏ", 64), "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) <= 1024 {
			checkSkeleton(t, s)
		}
	})
}
