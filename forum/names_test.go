package forum

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

var goodTitles = []string{
	"3331", "lobby", "Lobby", "C++", "what?", "yes!", "#go", "$HOME", "100%", "a.b", "_x_", "+1", "a@b", "x-y",
	"日本語", "한국어", "Zürich", "Việt", "नमस्ते", "سلام", "שלום", "ไทย", "٣٣٣١", "x.", strings.Repeat("é", 64),
	strings.Repeat("𠀀", 63),
}

const titleChars = "; use letters, digits and !@#$%.?_-+"

var badTitles = map[string]string{
	"":                                 "The title is empty; write at least one letter or digit.",
	"two words":                        "A title is one word; join its parts with - or _ instead of a space.",
	" x":                               "A title is one word; join its parts with - or _ instead of a space.",
	"x\n":                              "A title is one word; join its parts with - or _ instead of a space.",
	"a\u3000b":                         "A title is one word; join its parts with - or _ instead of a space.",
	"a/b":                              `A title cannot contain "/"` + titleChars,
	"a\"b":                             `A title cannot contain """` + titleChars,
	"../x":                             `A title cannot contain "/"` + titleChars,
	"a*":                               `A title cannot contain "*"` + titleChars,
	"🎉":                                `A title cannot contain "🎉"` + titleChars,
	"½":                                `A title cannot contain "½"` + titleChars,
	"a\x1b[31m":                        "A title cannot contain U+001B" + titleChars,
	"a\x00":                            "A title cannot contain U+0000" + titleChars,
	"a\u009b31m":                       "A title cannot contain U+009B" + titleChars,
	"a\u202eb":                         "A title cannot contain U+202E" + titleChars,
	"a\u200bb":                         "A title cannot contain U+200B" + titleChars,
	"a\u200db":                         "A title cannot contain U+200D" + titleChars,
	"a\ufe0f":                          "A title cannot contain U+FE0F" + titleChars,
	"a\u3164b":                         "A title cannot contain U+3164" + titleChars,
	"a\u034fb":                         "A title cannot contain U+034F" + titleChars,
	"a\ue000":                          "A title cannot contain U+E000" + titleChars,
	".x":                               `A title cannot start with "."; start it with a letter or a digit.`,
	"..":                               `A title cannot start with "."; start it with a letter or a digit.`,
	"@x":                               `A title cannot start with "@"; start it with a letter or a digit.`,
	"-rf":                              `A title cannot start with "-"; start it with a letter or a digit.`,
	"\u0301x":                          "A title cannot start with U+0301; start it with a letter or a digit.",
	"\u1161x":                          "A title cannot start with U+1161; start it with a letter or a digit.",
	"z\u0335\u0335\u0335\u0335\u0335":  "A title has at most 4 marks on one letter; leave some out.",
	"z" + strings.Repeat("\u0335", 60): "A title has at most 4 marks on one letter; leave some out.",
	"x\xff":                            "The title is not valid UTF-8; set your terminal to UTF-8 and write it again.",
	strings.Repeat("x", 65):            "A title has at most 64 characters; this one has 65.",
	strings.Repeat("x", 2000):          "A title has at most 64 characters; this one has 2,000.",
	strings.Repeat("𠀀", 64):            "A title has at most 255 bytes; this one has 256.",
}

var goodNames = []string{
	"Yoda", "yoda", "R2-D2", "obi_wan", "j.doe", "x", "42", "7of9", "Zoë", "Đặng", "Иван", "Ёж", "Ἀρχιμήδης", "李小龍", "小明Leo",
	"さくら", "タロウ", "山田タロウX", "김철수", "金Kim", "שלום", "مرحبا", "سلام٣", "रवि", "สมชาย", "Straße", "İpek",
	"mods", "Х\u0304а", "x_", strings.Repeat("é", 32),
}

const nameChars = "; use letters, digits and . _ -"

var badNames = map[string]string{
	"":                                 "The name is empty; write at least one letter or digit.",
	"Yoda Master":                      "A name cannot contain a space" + nameChars,
	"Yoda(guest)":                      `A name cannot contain "("` + nameChars,
	"a@b":                              `A name cannot contain "@"` + nameChars,
	"a/b":                              `A name cannot contain "/"` + nameChars,
	"a:b":                              `A name cannot contain ":"` + nameChars,
	"a,b":                              `A name cannot contain ","` + nameChars,
	"😀":                                `A name cannot contain "😀"` + nameChars,
	"ﬁ":                                `A name cannot contain "ﬁ"` + nameChars,
	"𝐘oda":                             `A name cannot contain "𝐘"` + nameChars,
	"a\nb":                             "A name cannot contain U+000A" + nameChars,
	"a\x1b[2J":                         "A name cannot contain U+001B" + nameChars,
	"a\u0085":                          "A name cannot contain U+0085" + nameChars,
	"yo\u200bda":                       "A name cannot contain U+200B" + nameChars,
	"yo\u00adda":                       "A name cannot contain U+00AD" + nameChars,
	"\u202eyoda":                       "A name cannot contain U+202E" + nameChars,
	"yoda\ufe0f":                       "A name cannot contain U+FE0F" + nameChars,
	"\u3164":                           "A name cannot contain U+3164" + nameChars,
	"yoda\U000E0041":                   "A name cannot contain U+E0041" + nameChars,
	".yoda":                            `A name cannot start with "."; start it with a letter or a digit.`,
	"-yoda":                            `A name cannot start with "-"; start it with a letter or a digit.`,
	"_yoda":                            `A name cannot start with "_"; start it with a letter or a digit.`,
	"\u0301yoda":                       "A name cannot start with U+0301; start it with a letter or a digit.",
	"yoda.":                            "A name cannot end with a full stop; leave it out.",
	"z\u0335\u0335\u0335\u0335\u0335":  "A name has at most 4 marks on one letter; leave some out.",
	"z" + strings.Repeat("\u0335", 60): "A name has at most 4 marks on one letter; leave some out.",
	strings.Repeat("x", 33):            "A name has at most 32 characters; this one has 33.",
	strings.Repeat("x", 5000):          "A name has at most 32 characters; this one has 5,000.",
	"yоda":                             "A name cannot mix scripts, such as Latin and Cyrillic; write it in one.",
	"Αdam":                             "A name cannot mix scripts, such as Latin and Cyrillic; write it in one.",
	"さくら김":                             "A name cannot mix scripts, such as Latin and Cyrillic; write it in one.",
	"李Иван":                            "A name cannot mix scripts, such as Latin and Cyrillic; write it in one.",
	"root":                             "The name root is reserved; choose another.",
	"Admin":                            "The name Admin is reserved; choose another.",
	"ＡＤＭＩＮ":                            "The name ADMIN is reserved; choose another.",
	"SYſTEM":                           "",
	"1שלום":                            "The name mixes characters that do not go together; use plain letters and digits.",
	"٣۴":                               "The name mixes characters that do not go together; use plain letters and digits.",
	"yoda\xff":                         "The name is not valid UTF-8; set your terminal to UTF-8 and write it again.",
}

func TestCleanTitle(t *testing.T) {
	for _, title := range goodTitles {
		if got, err := CleanTitle(title); err != nil || got != title {
			t.Errorf("CleanTitle(%+q) = %+q, %v", title, got, err)
		}
		checkTitle(t, title)
		checkTitle(t, norm.NFD.String(title))
	}
	for title, want := range badTitles {
		refused(t, "CleanTitle", CleanTitle, title, want)
		checkTitle(t, title)
	}
	if got, err := CleanTitle("Zu\u0308rich"); err != nil || got != "Zürich" || TitleKey("Zu\u0308rich") != got {
		t.Errorf("a decomposed title: got %+q, %v", got, err)
	}
	if TitleKey("Lobby") == TitleKey("lobby") {
		t.Error("titles must keep their case")
	}
}

func TestCleanName(t *testing.T) {
	for _, name := range goodNames {
		if got, err := CleanName(name); err != nil || got != name {
			t.Errorf("CleanName(%+q) = %+q, %v", name, got, err)
		}
		checkName(t, name)
		checkName(t, norm.NFD.String(name))
	}
	for name, want := range badNames {
		refused(t, "CleanName", CleanName, name, want)
		checkName(t, name)
	}
	if got, err := CleanName("Ｙｏｄａ"); err != nil || got != "Yoda" {
		t.Errorf("a wide name: got %+q, %v", got, err)
	}
}

func refused(t *testing.T, what string, clean func(string) (string, error), in, want string) {
	t.Helper()
	got, err := clean(in)
	if KindOf(err) != Invalid || got != "" || want != "" && Explain(err) != want {
		t.Errorf("%s(%.40q) = %q, %v; want %q", what, in, got, err, want)
	}
}

func TestReservedNamesAreKeys(t *testing.T) {
	for _, name := range reservedNames {
		if NameKey(name) != name {
			t.Errorf("%q is compared as %q and so never found", name, NameKey(name))
		}
		refused(t, "CleanName", CleanName, strings.ToUpper(name), "")
	}
}

func TestNameKeyMeets(t *testing.T) {
	for _, same := range [][]string{
		{"Yoda", "yoda", "YODA", "Ｙｏｄａ"},
		{"Zoë", "ZOË", "Zoe\u0308"},
		{"Straße", "STRASSE", "strasse", "STRAẞE"},
		{"ΣΊΣΥΦΟΣ", "Σίσυφος", "σίσυφοσ"},
		{"タロウ", "ﾀﾛｳ"},
		{"Иван", "ИВАН"},
		{"Ꭰ", "ꭰ"},
	} {
		for _, name := range same {
			if NameKey(name) != NameKey(same[0]) {
				t.Errorf("NameKey(%+q) = %+q, but of %+q %+q", name, NameKey(name), same[0], NameKey(same[0]))
			}
		}
	}
	if NameKey("yoda") == NameKey("yodа") {
		t.Error("a Cyrillic а is not a Latin a")
	}
}

func TestNameKeyTakesAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawText(t) + rapid.SampledFrom([]string{"", "\xff", "\xe6\x97"}).Draw(t, "tail")
		key := NameKey(in)
		if again := NameKey(key); again != key {
			t.Fatalf("NameKey(%+q) = %+q, then %+q", in, key, again)
		}
		checkName(t, in)
		checkTitle(t, in)
	})
}
