package forum

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

const testLimit = 65536

// terminalTricks are inputs that control a terminal or hide text from its reader, each with the
// message that is stored and the line that is shown.
var terminalTricks = []struct{ name, in, message, line string }{
	{"CSI colour", "a\x1b[1;31mred\x1b[0m b", "ared b", "a‹U+001B›[1;31mred‹U+001B›[0m b"},
	{"CSI with intermediate", "a\x1b[2 qb", "ab", "a‹U+001B›[2 qb"},
	{"CSI unfinished", "a\x1b[31", "a31", "a‹U+001B›[31"},
	{"CSI broken off", "a\x1b[31\x1b[32mb", "a31b", "a‹U+001B›[31‹U+001B›[32mb"},
	{"DSR", "a\x1b[6nb", "ab", "a‹U+001B›[6nb"},
	{"reset", "a\x1bcb", "ab", "a‹U+001B›cb"},
	{"character set", "a\x1b(0b", "ab", "a‹U+001B›(0b"},
	{"lone ESC", "a\x1b", "a", "a‹U+001B›"},
	{"double ESC", "a\x1b\x1b[31mb", "ab", "a‹U+001B›‹U+001B›[31mb"},
	{"OSC title, BEL", "a\x1b]0;pwned\ab", "ab", "a‹U+001B›]0;pwned‹U+0007›b"},
	{"OSC title, ST", "a\x1b]2;pwned\x1b\\b", "ab", "a‹U+001B›]2;pwned‹U+001B›\\b"},
	{"OSC unfinished", "a\x1b]0;words to keep", "a0;words to keep", "a‹U+001B›]0;words to keep"},
	{"OSC broken by a line", "a\x1b]0;keep\nthis\ab", "a0;keep\nthisb", "a‹U+001B›]0;keep this‹U+0007›b"},
	{"OSC 52", "a\x1b]52;c;cm0gLXJm\ab", "ab", "a‹U+001B›]52;c;cm0gLXJm‹U+0007›b"},
	{"OSC 8", "\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link",
		"‹U+001B›]8;;http://evil‹U+001B›\\link‹U+001B›]8;;‹U+001B›\\"},
	{"DCS", "a\x1bP$q\"p\x1b\\b", "ab", "a‹U+001B›P$q\"p‹U+001B›\\b"},
	{"APC, PM, SOS", "\x1b_x\x1b\\a\x1b^x\x1b\\b\x1bXx\x1b\\", "ab",
		"‹U+001B›_x‹U+001B›\\a‹U+001B›^x‹U+001B›\\b‹U+001B›Xx‹U+001B›\\"},
	{"C1 CSI", "a\u009b31mb", "ab", "a‹U+009B›31mb"},
	{"C1 OSC", "a\u009d0;pwned\u009cb", "ab", "a‹U+009D›0;pwned‹U+009C›b"},
	{"C1 others", "a\u0080\u0084\u008d\u0098b", "ab", "a‹U+0080›‹U+0084›‹U+008D›‹U+0098›b"},
	{"CR overwrite", "safe\rEVIL", "safe\nEVIL", "safe‹U+000D›EVIL"},
	{"CRLF", "a\r\nb", "a\nb", "a‹U+000D› b"},
	{"VT, FF, NEL", "a\vb\fc\u0085d", "a\nb\nc\nd", "a‹U+000B›b‹U+000C›c‹U+0085›d"},
	{"BS", "a\b\bb", "ab", "a‹U+0008›‹U+0008›b"},
	{"SI, SO", "a\x0e\x0fb", "ab", "a‹U+000E›‹U+000F›b"},
	{"NUL", "a\x00b", "ab", "a‹U+0000›b"},
	{"DEL", "a\x7fb", "ab", "a‹U+007F›b"},
	{"BEL", "a\ab", "ab", "a‹U+0007›b"},
	{"bidi override", "a\u202efdp.exe\u202c", "afdp.exe", "a‹U+202E›fdp.exe‹U+202C›"},
	{"bidi embedding", "a\u202a\u202b\u202db", "ab", "a‹U+202A›‹U+202B›‹U+202D›b"},
	{"bidi isolates", "a\u2066\u2067\u2068\u2069b", "ab", "a‹U+2066›‹U+2067›‹U+2068›‹U+2069›b"},
	{"zero width", "a\u200b\u2060\ufeff\u00adb", "ab", "a‹U+200B›‹U+2060›‹U+FEFF›‹U+00AD›b"},
	{"invisible operators", "a\u2061\u2064\u206ab", "ab", "a‹U+2061›‹U+2064›‹U+206A›b"},
	{"joiners that join nothing", "a\u200d b\u200c\u200c c\u200d", "a b c",
		"a‹U+200D› b‹U+200C›‹U+200C› c‹U+200D›"},
	{"two joiners after a virama", "क्\u200d\u200dष", "क्\u200dष", "क्\u200d‹U+200D›ष"},
	{"joiners after a pictograph", "😀\u200c😀\u200db", "😀😀b", "😀‹U+200C›😀‹U+200D›b"},
	{"joiner before a filler", "a\u200d\u3164", "a", "a‹U+200D›‹U+3164›"},
	{"fillers", "a\u3164\uffa0\u115f\u1160\u034fb", "ab", "a‹U+3164›‹U+FFA0›‹U+115F›‹U+1160›‹U+034F›b"},
	{"tags", "a\U000E0001\U000E0068\U000E0069\U000E007Fb", "ab",
		"a‹U+E0001›‹U+E0068›‹U+E0069›‹U+E007F›b"},
	{"tags on a flag", "🏴\U000E0068\U000E0069\U000E007F", "🏴", "🏴‹U+E0068›‹U+E0069›‹U+E007F›"},
	{"variation selectors", "a\ufe00\ufe01\U000E0101\ufe02b", "a\ufe00b", "a\ufe00b"},
	{"zalgo", "z" + strings.Repeat("\u0335", 40) + "!", "z̵̵̵̵!", "z̵̵̵̵!"},
	{"zalgo through joiners", "z" + strings.Repeat("\u0335\u200d", 40) + "!",
		"z̵\u200d̵\u200d̵\u200d̵!", ""},
	{"zalgo of jamo", "가" + strings.Repeat("\u1161", 40), "가ᅡᅡᅡᅡ", "가ᅡᅡᅡᅡ"},
	{"mark without a base", "\u0301a\n\u0301b", "a\nb", "a \u0301b"},
	{"mark after a line break", "a\r\u0301b", "a\nb", "a‹U+000D›\u0301b"},
	{"mark on a bidi mark", "a\u200e\u0301", "a\u200e", "a\u200e"},
	{"mark on a flag", "🏴" + flagTags[0] + "\u0301", "🏴" + flagTags[0], "🏴" + flagTags[0]},
	{"mark on what is shown", "\ue000\u0301", "‹U+E000›\u0301", "‹U+E000›\u0301"},
	{"U+2028, U+2029", "a\u2028b\u2029c", "a\nb\nc", "a‹U+2028›b‹U+2029›c"},
	{"annotation and object", "a\ufff9\ufffa\ufffb\ufffcb", "ab", "a‹U+FFF9›‹U+FFFA›‹U+FFFB›‹U+FFFC›b"},
	{"private use", "\ue0a0 main \U00100000", "‹U+E0A0› main ‹U+100000›", "‹U+E0A0› main ‹U+100000›"},
	{"noncharacters", "a\ufdd0\uffff\U0010FFFF", "a‹U+FDD0›‹U+FFFF›‹U+10FFFF›", "a‹U+FDD0›‹U+FFFF›‹U+10FFFF›"},
	{"unassigned", "a\u0378\U0001FBFF", "a‹U+0378›‹U+1FBFF›", "a‹U+0378›‹U+1FBFF›"},
	{"decomposed", "e\u0301 A\u030a", "é Å", "é Å"},
	{"decomposed around a hidden character", "e\u200b\u0301", "é", "e‹U+200B›\u0301"},
	{"a hidden character between ordered marks", "a\u0301\u200b\u0323", "\u1ea1\u0301", ""},
}

// ordinaryTexts must come through unchanged.
var ordinaryTexts = map[string]string{
	"ASCII":             "Networks is awesome, isn't it? {[(<~|^`>)]}",
	"code":              "func main() {\n\tfor {\n\t\tgo f()\n\t}\n}",
	"indented first":    "    - one\n      - two",
	"box drawing":       "┌──┬──┐\n│a │b │\n└──┴──┘ ░▒▓█",
	"Chinese":           "今天天气很好，我们去公园吧。",
	"Han variation":     "葛\U000E0100城市",
	"Japanese":          "日本語テスト、ｶﾀｶﾅ「こんにちは」",
	"Korean":            "안녕하세요 여러분",
	"old Korean":        "나랏말ᄊᆞ미",
	"Arabic":            "مرحبا بالعالم، كَيْفَ حَالُكَ؟",
	"Arabic sign":       "\u06dd١٢",
	"Hebrew":            "שלום עולם, שָׁלוֹם",
	"Hebrew with mark":  "C++\u200f היא שפה",
	"Persian":           "می\u200cخواهم کتاب\u200cها",
	"Hindi":             "नमस्ते दुनिया, क्\u200dष और क्\u200cष",
	"Bengali":           "র\u200d্যাব বাংলা",
	"Malayalam chillu":  "അവന്\u200d വന്നു",
	"Sinhala":           "ශ්\u200dරී ලංකා",
	"Thai":              "สวัสดีชาวโลก น้ำ ที่นี่",
	"Burmese":           "လျှို့ဝှက်ချက်",
	"Khmer":             "សួស្តី ស្ត្រី",
	"Tibetan":           "བོད་སྐད་ བསྒྲུབས",
	"Vietnamese":        "Tiếng Việt: nghiễm nhiên, Đặng Thị Phượng",
	"Greek":             "Ἀρχιμήδης ᾧ",
	"Cyrillic":          "Привет, ёж и йод",
	"French":            "Où\u00a0? «\u202fLà\u202f»",
	"family":            "👨\u200d👩\u200d👧\u200d👦 👩🏽\u200d🚀",
	"rainbow flag":      "🏳\ufe0f\u200d🌈 🏴\u200d☠\ufe0f",
	"heart on fire":     "❤\ufe0f\u200d🔥 🙂\u200d↔\ufe0f",
	"flags":             "🇳🇱🇯🇵 🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F",
	"keycaps":           "1\ufe0f\u20e3 #\ufe0f\u20e3",
	"skin tones":        "👍🏻👍🏿✋🏽",
	"a later emoji":     "\U0001FAE9 \U0001FADF",
	"mathematics":       "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, x̄ ≠ ŷ",
	"replacement":       "�",
	"trailing LRM kept": "abc!\u200e",
}

func TestCleanMessageTakesTricksOut(t *testing.T) {
	for _, c := range terminalTricks {
		t.Run(c.name, func(t *testing.T) {
			got, err := CleanMessage(c.in, testLimit)
			if err != nil || got != c.message {
				t.Errorf("CleanMessage(%+q) = %+q, %v; want %+q", c.in, got, err, c.message)
			}
			checkClean(t, c.in)
			checkShown(t, c.in)
		})
	}
}

func TestPrintableShowsTricks(t *testing.T) {
	for _, c := range terminalTricks {
		if c.line == "" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			if got := Printable(c.in); got != c.line {
				t.Errorf("Printable(%+q) = %+q; want %+q", c.in, got, c.line)
			}
		})
	}
}

func TestPrintableShowsBytes(t *testing.T) {
	for in, want := range map[string]string{
		"a\xffb":             "a‹0xFF›b",
		"\x9b31m":            "‹0x9B›31m",
		"\xc0\x80":           "‹0xC0›‹0x80›",
		"\xed\xa0\x80":       "‹0xED›‹0xA0›‹0x80›",
		"日本\xe6\x97":         "日本‹0xE6›‹0x97›",
		"one\ttwo\nthree":    "one two three",
		"":                   "",
		"\n":                 " ",
		"e\u0301\xffe\u0301": "é‹0xFF›é",
	} {
		if got := Printable(in); got != want {
			t.Errorf("Printable(%+q) = %+q; want %+q", in, got, want)
		}
		checkShown(t, in)
	}
	if got, want := PrintableText("a\tb\nc\rd"), "a\tb\nc‹U+000D›d"; got != want {
		t.Errorf("PrintableText = %+q; want %+q", got, want)
	}
}

func TestOrdinaryTextIsUntouched(t *testing.T) {
	for name, text := range ordinaryTexts {
		t.Run(name, func(t *testing.T) {
			if got, err := CleanMessage(text, testLimit); err != nil || got != text {
				t.Errorf("CleanMessage(%+q) = %+q, %v", text, got, err)
			}
			if got := PrintableText(text); got != text {
				t.Errorf("PrintableText(%+q) = %+q", text, got)
			}
			line := strings.NewReplacer("\n", " ", "\t", " ").Replace(text)
			if got := Printable(text); got != line {
				t.Errorf("Printable(%+q) = %+q", text, got)
			}
		})
	}
}

func TestCleanMessageTrimsLines(t *testing.T) {
	for in, want := range map[string]string{
		"a":                      "a",
		"a\n":                    "a",
		"\n \n\t\na\nb\n\n\n":    "a\nb",
		"a\nb\n\n \n":            "a\nb\n\n ",
		"  a\n  b":               "  a\n  b",
		"\n\n  a":                "  a",
		"a  \nb\t \n\nc \u3000":  "a  \nb\t \n\nc \u3000",
		"a\u3000\u00a0\nb\n \nc": "a\u3000\u00a0\nb\n \nc",
		"a\n\n\nb":               "a\n\n\nb",
		"\r\n\ta \r\n b\r\n":     "\ta \n b",
		"--- a\n+++ b\n@@ -1,3 +1,3 @@\n-a\n+b  \n \n \n": "--- a\n+++ b\n@@ -1,3 +1,3 @@\n-a\n+b  \n \n ",
		"\ufeffa":            "a",
		"\x1b[31m\n\x1b[0ma": "a",
	} {
		if got, err := CleanMessage(in, testLimit); err != nil || got != want {
			t.Errorf("CleanMessage(%+q) = %+q, %v; want %+q", in, got, err, want)
		}
	}
}

func TestCleanMessageRefuses(t *testing.T) {
	const empty = "The message is empty; write something."
	const file = "This is not a text but a file."
	const binary = "The text is not valid UTF-8; convert it first, for example with iconv."
	for _, c := range []struct {
		in   string
		max  int
		want string
	}{
		{"", 10, empty},
		{" \n\t\u3000\r\n", 10, empty},
		{"\u200b\u200e\u202e \x00", 20, empty},
		{"\x1b[31m\x1b[0m", 20, empty},
		{"\u0301\ufe0f", 20, empty},
		{"caf\xe9", 10, binary},
		{"\x1b[31\xffm", 10, binary},
		{"\xff\xfeh\x00i\x00", 10, binary},
		{"\xfe\xff\x00h\x00i", 10, binary},
		{"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", 100, file},
		{"PK\x03\x04\x14\x00\xff", 100, file},
		{"\u2800", 10, empty},
		{"\u2800 \n\u2800\u200e", 20, empty},
		{"12345678901", 10, "The message has 11 bytes; at most 10 are allowed."},
		{strings.Repeat("x", 70000), 65536,
			"The message has 70,000 bytes; at most 65,536 are allowed."},
		{strings.Repeat("\xff", 1234567), 1000,
			"The message has 1,234,567 bytes; at most 1,000 are allowed."},
		{"\ue0a0", 8, "The message has 12 bytes; at most 8 are allowed."},
	} {
		got, err := CleanMessage(c.in, c.max)
		if KindOf(err) != Invalid || Explain(err) != c.want || got != "" {
			t.Errorf("CleanMessage(%.40q, %d) = %q, %v; want %q", c.in, c.max, got, err, c.want)
		}
	}
	if got, err := CleanMessage("1234567890\n\x1b[0m\n", 10); err != nil || got != "1234567890" {
		t.Errorf("the size counts after cleaning: got %q, %v", got, err)
	}
}

// A failer is a test, a fuzz target or a rapid check.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkClean fails unless CleanMessage does on in as documented.
func checkClean(t failer, in string) {
	t.Helper()
	text, err := CleanMessage(in, testLimit)
	if err != nil {
		if KindOf(err) != Invalid || text != "" {
			t.Fatalf("CleanMessage(%+q) = %+q, %v of kind %v", in, text, err, KindOf(err))
		}
		return
	}
	checkSafe(t, in, text)
	if again, err := CleanMessage(text, testLimit); err != nil || again != text {
		t.Fatalf("CleanMessage(%+q) = %+q, then %+q, %v", in, text, again, err)
	}
	if shown := PrintableText(text); shown != text {
		t.Fatalf("PrintableText(%+q) = %+q, not what was stored", text, shown)
	}
}

// checkShown fails unless Printable and PrintableText do on in as documented.
func checkShown(t failer, in string) {
	t.Helper()
	line, text := Printable(in), PrintableText(in)
	checkSafe(t, in, line)
	checkSafe(t, in, text)
	if strings.ContainsAny(line, "\n\t") {
		t.Fatalf("Printable(%+q) = %+q, not one line", in, line)
	}
	if again := Printable(line); again != line {
		t.Fatalf("Printable(%+q) = %+q, then %+q", in, line, again)
	}
	if again := PrintableText(text); again != text {
		t.Fatalf("PrintableText(%+q) = %+q, then %+q", in, text, again)
	}
}

// checkSafe checks out without using the implementation of the policy.
func checkSafe(t failer, in, out string) {
	t.Helper()
	if !utf8.ValidString(out) || !norm.NFC.IsNormalString(out) {
		t.Fatalf("%+q became %+q, which is not UTF-8 in NFC", in, out)
	}
	for _, flag := range flagTags {
		out = strings.ReplaceAll(out, string(blackFlag)+flag, "")
	}
	marks := 0
	for _, r := range out {
		switch {
		case r == '\n' || r == '\t' || r == zwj || r == zwnj || r == 0x061C || r == 0x200E || r == 0x200F:
		case unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Co, unicode.Noncharacter_Code_Point):
			t.Fatalf("%+q became %+q with %U", in, out, r)
		case unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r):
			t.Fatalf("%+q became %+q with %U", in, out, r)
		case r >= 0xE0000 && r <= 0xE007F || r >= 0xFFF0 && r <= 0xFFFC || r == 0x3164 || r == 0x034F:
			t.Fatalf("%+q became %+q with %U", in, out, r)
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > 4 {
				t.Fatalf("%+q became %+q with more than 4 marks on a base", in, out)
			}
		default:
			marks = 0
		}
	}
}

// fragments are the characters whose neighbours and order matter to the policy or to
// normalisation.
var fragments = []string{
	"a", "e", "é", "ǖ", "o\u031b", "1", " ", "\t", "\n", "\r", "\r\n", "\u2028", "\u0085", "\u3000",
	"\u0301", "\u0323", "\u0321", "\u0344", "\u0345", "\u0f39", "\u0f73", "\u20e3", "\u034f", "\u3099", "\u0338",
	"\u212a", "\u212b", "\u1fef", "\u037e", "\u2329", "\u2adc", "\u0374", "か", "は", "漢", "\ufa10", "\U0002F800",
	"क", "\u093c", "\u094d", "\u0958", "\u09c7", "\u09be", "\u09d7", "\u0b47", "\u0b56", "\u0b3e", "\u1025", "\u102e",
	"\u1100", "\u1161", "\u11a8", "가", "\u115f", "\u1160", "\U0001D15E", "\U0001D165", "\U0001D157", "\u302e",
	"\u200c", "\u200d", "\u200b", "\u00ad", "\u2060", "\ufeff", "\u180e", "\u200e", "\u200f", "\u061c",
	"\ufe0e", "\ufe0f", "\U000E0100", "\u180b", "😀", "🏽", "❤", "↔", "\u2b74", "\U0001FAE9", "🇳", "🏴",
	flagTags[0], flagTags[1][:8], "\U000E0067", "\U000E007F", "\u202e", "\u2066", "\u2069", "ש", "\u05c1", "\u05b8",
	"\x1b", "\x1b[", "\x1b]", "\x1bP", "\x1b\\", "\x1b(", "\u009b", "\u009d", "\u009c", "\u0090", "[", "3", ";", "m", "\a",
	"\x00", "\b", "\x7f", "\ue000", "\u0378", "\uffff", "\U000F0000", "\ufffc", "\u0600", "‹", "›",
}

func drawText(t *rapid.T) string {
	piece := rapid.OneOf(rapid.SampledFrom(fragments), rapid.String())
	return strings.Join(rapid.SliceOfN(piece, 0, 40).Draw(t, "pieces"), "")
}

func TestTextPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawText(t)
		checkClean(t, in)
		checkShown(t, in)
		checkShown(t, in+rapid.SampledFrom([]string{"", "\xff", "\xe6\x97", "\xed\xa0\x80"}).Draw(t, "tail")+in)
	})
}

func TestCleanMessageLosesNothingVisible(t *testing.T) {
	bases := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !ignorable(r) && !zeroWidth(r) {
				return r
			}
			return -1
		}, norm.NFD.String(s))
	}
	controls := strings.NewReplacer("\x1b", "", "\u009b", "", "\u009d", "", "\u0090", "", "\u0098", "", "\u009e", "", "\u009f", "")
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Map(func(r rune) rune {
			if takesCell(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Z) {
				return r
			}
			return -1
		}, controls.Replace(drawText(t)))
		out, err := CleanMessage(in, testLimit)
		if err == nil && bases(in) != bases(out) {
			t.Fatalf("CleanMessage(%+q) = %+q: %+q became %+q", in, out, bases(in), bases(out))
		}
	})
}

func TestCleanTextIsNotCopied(t *testing.T) {
	for name, text := range ordinaryTexts {
		if norm.NFC.QuickSpanString(text) < len(text) {
			continue // Normal, but norm has to build it to know.
		}
		if n := testing.AllocsPerRun(20, func() { PrintableText(text) }); n > 0 {
			t.Errorf("%s: PrintableText allocates %v times", name, n)
		}
		if n := testing.AllocsPerRun(20, func() { CleanMessage(text, testLimit) }); n > 0 {
			t.Errorf("%s: CleanMessage allocates %v times", name, n)
		}
	}
}

func BenchmarkCleanMessage(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"ascii", strings.Repeat("A line of plain words, as most messages are.\n", 20) + "end"},
		{"latin", strings.Repeat("Où est le café près de l'hôtel ? Là, à côté.\n", 20) + "end"},
		{"chinese", strings.Repeat("今天天气很好，我们去公园吧。\n", 20) + "end"},
		{"hindi", strings.Repeat("नमस्ते दुनिया, यह एक संदेश है।\n", 20) + "end"},
		{"emoji", strings.Repeat("👨\u200d👩\u200d👧\u200d👦 👍🏽 🇳🇱\n", 20) + "end"},
		{"coloured", strings.Repeat("\x1b[33mcommit 5f2b\x1b[m\nAuthor: Yoda\n", 20) + "end"},
		{"decomposed", strings.Repeat("Ou\u0300 est le cafe\u0301 pre\u0300s de l'ho\u0302tel\n", 20) + "end"},
		{"zalgo", strings.Repeat("z\u0335\u0336\u0337\u0338\u0321\u0322", 100)},
		{"introducers", strings.Repeat("\x1b]", 1000) + "end"},
		{"one word", "Networks"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := CleanMessage(c.text, testLimit); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPrintable(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"ascii", "A line of plain words, as most messages are, of about 72 bytes or so."},
		{"arabic", "مرحبا بالعالم، هذه رسالة من سطر واحد"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				Printable(c.text)
			}
		})
	}
}
