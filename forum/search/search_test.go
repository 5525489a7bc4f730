package search

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// A text is found by the words that people would look for, in whatever form they write them.
func TestFound(t *testing.T) {
	for _, test := range []struct {
		query []string
		text  string
		want  bool
	}{
		{[]string{"light"}, "A LIGHT saber", true},
		{[]string{"light", "A"}, "a saber, light", true},
		{[]string{"light saber"}, "a saber light", false},
		{[]string{"light saber"}, "a light\nSaber", true},
		{[]string{"light", "dark"}, "a light saber", false},
		{[]string{"ligh"}, "a light saber", false},
		{[]string{"e-mail"}, "my e mail", true},
		{[]string{"e-mail"}, "mail e", false},
		{[]string{"don't"}, "I don’t", true},
		{[]string{"straße"}, "STRASSE", true},
		{[]string{"ΟΔΟΣ"}, "οδος οδός", true},
		{[]string{"café"}, "cafe\u0301", true},
		{[]string{"cafe"}, "café", false},
		{[]string{"ＡＢＣ１"}, "abc1", true},
		{[]string{"fi"}, "ﬁ", true},
		{[]string{"12:30"}, "at 12.30", true},
		{[]string{"Москва"}, "в МОСКВА-реке", true},
		{[]string{"किताब"}, "यह किताब है", true},
		{[]string{"東京"}, "東京都に住む", true},
		{[]string{"京都"}, "東京都に住む", true},
		{[]string{"東都"}, "東京都に住む", false},
		{[]string{"東京都"}, "京都と東京", false},
		{[]string{"猫"}, "私は猫が好き", true},
		{[]string{"サーバー"}, "このサーバーは", true},
		{[]string{"ｶﾞ"}, "ガ", true},
		{[]string{"한국어"}, "한국어를 배우다", true},
		{[]string{"ภาษา"}, "พูดภาษาไทย", true},
		{[]string{"iPhoneを"}, "新しいiphoneを買う", true},
		{[]string{"東京", "light"}, "light of 東京", true},
		{[]string{strings.Repeat("a", 40)}, strings.Repeat("a", 50), true},
		{[]string{strings.Repeat("a", 39)}, strings.Repeat("a", 50), false},
	} {
		q, err := Parse(test.query)
		if err != nil {
			t.Errorf("%q: %v", test.query, err)
			continue
		}
		if got := found(q, test.text); got != test.want {
			t.Errorf("%q in %q: %v", test.query, test.text, got)
		}
	}
}

// found reports whether text matches q, as a search does: by the terms first, and by the text
// if they do not decide.
func found(q Query, text string) bool {
	terms := Sorted(Terms(nil, text))
	for _, term := range q.Terms() {
		if _, has := slices.BinarySearch(terms, term); !has {
			return false
		}
	}
	return q.Exact() || q.Found(text)
}

func TestParseRefuses(t *testing.T) {
	for says, words := range map[string][]string{
		"say what to look for, such as: FIND light saber author:yoda": nil,
		"there is no letter and no digit to look for":                 {"...", "—", "🎉"},
		"a search has at most 1024 bytes; use fewer words":            {strings.Repeat("light ", 1700)},
		"a search has at most 32 words; use fewer":                    strings.Fields("a b c d e f g h i j k l m n o p q r s t u v w x y z 1 2 3 4 5 6 7"),
		"author: needs a value right behind the colon":                {"author:", "yoda"},
		"author: is given twice":                                      {"author:yoda", "AUTHOR:luke"},
		"in: is given twice":                                          {"in:a", "in:b"},
		"has: knows only has:file":                                    {"has:picture"},
	} {
		if q, err := Parse(words); err == nil || err.Error() != says {
			t.Errorf("%q: %+v, %v, want %q", words, q, err, says)
		}
	}
}

// Repeated words are looked for only once, because each costs a pass over the whole text.
func TestWordsAreSoughtOnce(t *testing.T) {
	once, err := Parse([]string{"light", "e-mail"})
	if err != nil {
		t.Fatal(err)
	}
	often, err := Parse(strings.Fields(strings.Repeat("light LIGHT e-mail e—mail ", 30)))
	if err != nil || !reflect.DeepEqual(often, once) {
		t.Errorf("%+v, %v, want %+v", often, err, once)
	}
}

// Phrases count towards the limit of a query, even short ones, because each costs a pass over
// the whole text.
func TestPhrasesAreCounted(t *testing.T) {
	var words []string
	for n := range 33 {
		bits := strings.NewReplacer("0", "a ", "1", "b ").Replace(fmt.Sprintf("%06b", n))
		words = append(words, strings.TrimSpace(bits))
	}
	if _, err := Parse(words[:32]); err != nil {
		t.Errorf("32 phrases: %v", err)
	}
	if _, err := Parse(words); err == nil || err.Error() != "a search has at most 32 words; use fewer" {
		t.Errorf("33 phrases: %v", err)
	}
}

func TestParseFilters(t *testing.T) {
	q, err := Parse([]string{"Author:Obi-wan", "in:3331", "after:2026-01-31", "BEFORE:2d", "has:FILE", "http://light"})
	if err != nil || q.Author != "Obi-wan" || q.Thread != "3331" || q.After != "2026-01-31" || q.Before != "2d" || !q.File {
		t.Errorf("%+v, %v", q, err)
	}
	if !q.Found("see http light") || q.Found("light http") || q.Exact() {
		t.Errorf("the rest is no phrase: %+v", q)
	}
	if q, err := Parse([]string{"has:file"}); err != nil || len(q.Terms()) != 0 || !q.Exact() {
		t.Errorf("a filter alone: %+v, %v", q, err)
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("word ", 50)
	for _, test := range []struct{ query, text, want string }{
		{"saber", "a light saber", "a light [saber]"},
		{"LIGHT saber", "a light\n\tSABER, light", "a [light]  [SABER], [light]"},
		{"京都", "東京都", "東[京都]"},
		{"会社", "㍿ 会社", "[㍿] [会社]"},
		{"straße", "die STRASSE", "die [STRASSE]"},
		{"cafe\u0301", "un café é", "un [café] é"},
		{"aa", "aa aa aa", "[aa] [aa] [aa]"},
		{"x", long + "x " + long, "…" + strings.Repeat("word ", 7) + "[x] " + strings.Repeat("word ", 24) + "wor…"},
		{"in:a", "nothing of it", "nothing of it"},
	} {
		q, err := Parse(strings.Fields(test.query))
		if err != nil {
			t.Fatal(err)
		}
		if got := bracketed(q.Excerpt(test.text)); got != test.want {
			t.Errorf("%q in %q:\n got %q\nwant %q", test.query, test.text, got, test.want)
		}
	}
}

// bracketed returns the excerpt with its hits in brackets.
func bracketed(e Excerpt) string {
	var b strings.Builder
	from := 0
	for _, hit := range e.Hits {
		b.WriteString(e.Text[from:hit.Start] + "[" + e.Text[hit.Start:hit.End] + "]")
		from = hit.End
	}
	return b.String() + e.Text[from:]
}

// The terms of a text are those of its parts, wherever it is cut between words, and each word
// and each sequence of words is found in it.
func TestPartsAreFound(t *testing.T) {
	word := rapid.SampledFrom([]string{"light", "SABER", "x", "straße", "東京", "猫", "サーバー", "한국어", "ไทย", "Москва", "e-mail", "①", "क्षि"})
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(word, 1, 8).Draw(t, "words")
		from := rapid.IntRange(0, len(words)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(words)).Draw(t, "to")
		text := strings.Join(words, " ")
		q, err := Parse([]string{strings.Join(words[from:to], " ")})
		if err != nil {
			t.Fatal(err)
		}
		if !found(q, text) || len(q.Excerpt(text).Hits) == 0 {
			t.Fatalf("%q is not found in %q", words[from:to], text)
		}
		parts := Terms(Terms(nil, strings.Join(words[:from], " ")), strings.Join(words[from:], " "))
		if whole := Terms(nil, text); !slices.Equal(Sorted(whole), Sorted(parts)) {
			t.Fatalf("%q has other terms in two parts", text)
		}
	})
}

// FuzzTerms checks that any text has terms, and is found by itself. Folding a text of UTF-8,
// which every message is, gives the same as a whole and piece by piece.
func FuzzTerms(f *testing.F) {
	for _, text := range []string{"A light saber", "ｶﾞ㍿ﬁ", "e\u0301\u0302 x\u0302", "東京都 サーバー", "İıſß", "\xff\xfe a", "가각힣", "ᄀ\u1161\u11a8", "a\u034f\u0300b", "Ꭰꭰ"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		folded, at := foldTraced(text)
		if whole := fold(text); utf8.ValidString(text) && !strings.EqualFold(folded, whole) {
			t.Fatalf("%q folds to %q, and piece by piece to %q", text, whole, folded)
		}
		units(folded, func(u unit) {
			s := at.span(u.start, u.end)
			if s.Start < 0 || s.Start >= s.End || s.End > len(text) {
				t.Fatalf("%q: %d to %d of %q comes from %+v", text, u.start, u.end, folded, s)
			}
		})
		q, err := Parse([]string{text})
		if err != nil || len(q.phrases) == 0 {
			return
		}
		if !found(q, text) {
			t.Fatalf("%q is not found in itself", text)
		}
		q.Excerpt(text)
	})
}

// FuzzParse checks that any line is a query or an error with a text, and that a query has a
// bounded number of terms.
func FuzzParse(f *testing.F) {
	for _, line := range []string{"light saber", "author:yoda in:3331", "has:file", "after:3d before:", "\"", ":", "a:b:c", "東京都"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		q, err := Parse(strings.Split(line, " "))
		switch {
		case err != nil && err.Error() == "":
			t.Error("an error without words")
		case err == nil && len(q.Terms()) > maxQueryTerms:
			t.Errorf("%d terms", len(q.Terms()))
		case err == nil && len(q.Terms()) == 0 && !q.filtered():
			t.Error("a query for nothing")
		}
	})
}

func BenchmarkTerms(b *testing.B) {
	for name, text := range map[string]string{
		"ascii":    strings.Repeat("All human beings are born free. ", 7)[:200],
		"russian":  strings.Repeat("Все люди рождаются свободными. ", 7)[:200],
		"japanese": strings.Repeat("すべての人間は生まれながらにして自由であり", 7)[:198],
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			var terms []Term
			for b.Loop() {
				terms = Terms(terms[:0], text)
			}
		})
	}
}
