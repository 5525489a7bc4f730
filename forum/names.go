package forum

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

const (
	maxTitleRunes = 64
	maxTitleBytes = 255
	titleSymbols  = "!@#$%.?_-+"

	MaxNameRunes = 32
	NameSymbols  = "._-"
)

// CleanTitle returns a thread title in Normalization Form C. A title is one word of 1 to 64
// code points and at most 255 bytes: letters, marks and digits of any script and !@#$%.?_-+,
// not starting with '.', '@', '-' or a mark. Errors: Invalid.
func CleanTitle(title string) (string, error) {
	if err := checkText("title", title, maxTitleRunes); err != nil {
		return "", err
	}
	title = norm.NFC.String(title)
	if overloaded(title) {
		return "", tooManyMarks("title")
	}
	for _, r := range title {
		switch {
		case unicode.IsSpace(r):
			return "", Errorf(Invalid, "A title is one word; join its parts with - or _ instead of a space.")
		case !isWordRune(r) && !strings.ContainsRune(titleSymbols, r):
			return "", Errorf(Invalid, "A title cannot contain %s; use letters, digits and %s", quoteRune(r), titleSymbols)
		}
	}
	first, _ := utf8.DecodeRuneInString(title)
	switch n := utf8.RuneCountInString(title); {
	case strings.ContainsRune(".@-", first) || zeroWidth(first):
		return "", Errorf(Invalid, "A title cannot start with %s; start it with a letter or a digit.", quoteRune(first))
	case n > maxTitleRunes:
		return "", tooManyRunes("title", maxTitleRunes, n)
	case len(title) > maxTitleBytes:
		return "", Errorf(Invalid, "A title has at most %d bytes; this one has %d.", maxTitleBytes, len(title))
	}
	return title, nil
}

// TitleKey returns the key by which titles are compared: Normalization Form C, case kept. It
// accepts any string, so an impossible title is simply not found.
func TitleKey(title string) string { return norm.NFC.String(title) }

// CleanName returns a user name as it is shown, its case kept, wide letters narrowed, in
// Normalization Form C. A name has 1 to 32 code points: letters, marks and digits of one script
// (or of a mix that UTS #39 calls highly restrictive, such as Latin with Japanese) and '.',
// '_', '-' after the first; it does not end in '.', so that it can end a sentence. It also
// meets the PRECIS profile UsernameCasePreserved (RFC 8265) and is not reserved. Errors:
// Invalid.
func CleanName(name string) (string, error) {
	if err := checkText("name", name, MaxNameRunes); err != nil {
		return "", err
	}
	name = norm.NFC.String(width.Fold.String(name))
	if overloaded(name) {
		return "", tooManyMarks("name")
	}
	for _, r := range name {
		if !IsNameRune(r) && !strings.ContainsRune(NameSymbols, r) {
			return "", Errorf(Invalid, "A name cannot contain %s; use letters, digits and . _ -", quoteRune(r))
		}
	}
	first, _ := utf8.DecodeRuneInString(name)
	switch n := utf8.RuneCountInString(name); {
	case strings.ContainsRune(NameSymbols, first) || unicode.IsMark(first):
		return "", Errorf(Invalid, "A name cannot start with %s; start it with a letter or a digit.", quoteRune(first))
	case strings.HasSuffix(name, "."):
		return "", Errorf(Invalid, "A name cannot end with a full stop; leave it out.")
	case n > MaxNameRunes:
		return "", tooManyRunes("name", MaxNameRunes, n)
	case mixesScripts(name):
		return "", Errorf(Invalid, "A name cannot mix scripts, such as Latin and Cyrillic; write it in one.")
	case slices.Contains(reservedNames, NameKey(name)) || slices.Contains(reservedNames, Skeleton(name)):
		return "", Errorf(Invalid, "The name %s is reserved; choose another.", name)
	}
	name, err := precis.UsernameCasePreserved.String(name)
	if err != nil {
		return "", &Error{Kind: Invalid, Msg: "The name mixes characters that do not go together; use plain letters and digits.", Err: err}
	}
	return name, nil
}

// NameKey returns the key by which user names are compared: the name with width and case
// folded, in Normalization Form C. It folds more than the UsernameCaseMapped profile of RFC
// 8265, which lower-cases: ß equals ss, and ς equals σ. It accepts any string.
func NameKey(name string) string {
	lower := strings.ToLower(norm.NFD.String(width.Fold.String(name)))
	return norm.NFC.String(cases.Fold().String(lower)) // Fold without ToLower swaps the cases of Cherokee
}

// reservedNames are the keys of names that could pass for the forum itself, for its staff or
// for a group of people.
var reservedNames = []string{
	"admin", "administrator", "all", "anonymous", "everyone", "forum", "guest", "here",
	"inbox", "me", "mod", "moderator", "moderators", "nobody", "operator", "register", "root",
	"server", "sshforum", "staff", "support", "sysop", "system", "you",
}

// scriptMixes are the scripts that people write together (UTS #39, section 5.2, "Highly
// Restrictive").
var scriptMixes = [][]*unicode.RangeTable{
	{unicode.Latin, unicode.Han, unicode.Hiragana, unicode.Katakana},
	{unicode.Latin, unicode.Han, unicode.Bopomofo},
	{unicode.Latin, unicode.Han, unicode.Hangul},
}

func mixesScripts(s string) bool {
	if i := strings.IndexFunc(s, hasScript); i >= 0 {
		r, _ := utf8.DecodeRuneInString(s[i:])
		return !within(s, scriptOf(r)) &&
			!slices.ContainsFunc(scriptMixes, func(mix []*unicode.RangeTable) bool { return within(s, mix...) })
	}
	return false
}

func within(s string, scripts ...*unicode.RangeTable) bool {
	return strings.IndexFunc(s, func(r rune) bool { return hasScript(r) && !unicode.In(r, scripts...) }) < 0
}

func hasScript(r rune) bool { return !unicode.In(r, unicode.Common, unicode.Inherited) }

func scriptOf(r rune) *unicode.RangeTable {
	for _, script := range unicode.Scripts {
		if unicode.Is(script, r) {
			return script
		}
	}
	return unicode.Common
}

// checkText refuses strings that are not text, and strings too long to be worth normalising: a
// character may come as a letter with maxMarks marks. Errors: Invalid.
func checkText(what, s string, maxRunes int) error {
	if s == "" {
		return Errorf(Invalid, "The %s is empty; write at least one letter or digit.", what)
	}
	if !utf8.ValidString(s) {
		return Errorf(Invalid, "The %s is not valid UTF-8; set your terminal to UTF-8 and write it again.", what)
	}
	if n := utf8.RuneCountInString(s); n > (1+maxMarks)*maxRunes {
		return tooManyRunes(what, maxRunes, n)
	}
	return nil
}

func tooManyRunes(what string, limit, n int) error {
	return Errorf(Invalid, "A %s has at most %d characters; this one has %s.", what, limit, Thousands(n))
}

func tooManyMarks(what string) error {
	return Errorf(Invalid, "A %s has at most %d marks on one letter; leave some out.", what, maxMarks)
}

func isWordRune(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd) && !ignorable(r) && !unicode.Is(unicode.Variation_Selector, r)
}

// IsNameRune reports whether r may be in a name. It excludes letters that are another way to
// write some other letter, such as ligatures and mathematical alphabets (HasCompat of RFC 8264,
// section 9.17).
func IsNameRune(r rune) bool { return isWordRune(r) && norm.NFKC.IsNormalString(string(r)) }

func overloaded(s string) bool {
	marks := 0
	for _, r := range s {
		if !zeroWidth(r) {
			marks = 0
		} else if marks++; marks > maxMarks {
			return true
		}
	}
	return false
}

func quoteRune(r rune) string {
	if r == ' ' {
		return "a space"
	}
	if unicode.IsGraphic(r) && !unicode.IsSpace(r) && !ignorable(r) && !zeroWidth(r) {
		return `"` + string(r) + `"`
	}
	return fmt.Sprintf("U+%04X", r)
}
