package storage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/forum/search"
	"sshforum/forum/storetest"
)

// prose writes texts whose words are as common and as rare as those of people (Zipf's
// law), some of them in scripts without spaces or without ASCII.
type prose struct {
	*rand.Rand
	words *rand.Zipf
}

func newProse(seed uint64) prose {
	r := rand.New(rand.NewPCG(seed, seed))
	return prose{r, rand.NewZipf(r, 1.1, 8, 300_000)}
}

var alphabets = [][]rune{
	[]rune("aeioutnrslhdcmpgbfwyvkxjqz"), []rune("оеаинтсрвлкмдпуяыьгзбчйхж"), []rune("日本語東京都大学新聞社会人生活時間年月今中国出行山川水火木金土"),
}

// word returns the nth most common word of a language.
func word(language int, n uint64) string {
	alphabet := alphabets[language]
	var w []rune
	for n += 3; n > 0; n /= uint64(len(alphabet)) {
		w = append(w, alphabet[n%uint64(len(alphabet))])
	}
	return string(w)
}

func (p prose) text() string {
	language := max(0, p.IntN(20)-17)
	words := make([]string, 5+p.IntN(8)*p.IntN(12))
	for i := range words {
		words[i] = word(language, p.words.Uint64())
	}
	if language == 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words, " ")
}

const (
	benchAuthors = 500
	benchThreads = 1000
)

// fillProse makes a forum of n messages, one each second.
func fillProse(b *testing.B, dir string, messages int) {
	b.Helper()
	db := openOrMake(b, dir, Options{})
	defer db.Close()
	commit := func(n int, change func(i int) forum.Change) {
		t, err := begin(db.file)
		if err != nil {
			b.Fatal(err)
		}
		for i := range n {
			if _, err := t.apply(change(i)); err != nil {
				b.Fatal(err)
			}
		}
		t.finish(Options{EventsKept: 1})
		if err := db.file.Commit(t.bolt); err != nil || t.fault != nil {
			b.Fatal(err, t.fault)
		}
	}
	commit(benchAuthors, func(i int) forum.Change { return storetest.AddUser(fmt.Sprint("author", i)) })
	commit(benchThreads, func(i int) forum.Change { return storetest.AddThread(fmt.Sprint("thread", i)) })
	const step = 20_000
	p := newProse(1)
	for done := 0; done < messages; done += step {
		commit(min(step, messages-done), func(i int) forum.Change {
			thread := forum.ThreadID(p.IntN(benchThreads) + 1)
			author := forum.UserID(p.IntN(benchAuthors) + 1)
			return storetest.Post(thread, author, p.text()).Later(time.Duration(done+i) * time.Second)
		})
	}
	commit(20, func(i int) forum.Change { return storetest.RemoveThread(forum.ThreadID(i*37 + 1)) })
}

// queries draws queries, by the part of them that is expensive.
func queries(p prose) map[string]func() []string {
	rare := func() string { return word(0, 5000+p.Uint64N(200_000)) }
	common := func() string { return word(0, p.Uint64N(20)) }
	usual := func() string { return word(0, 100+p.Uint64N(5000)) }
	return map[string]func() []string{
		"rare":    func() []string { return []string{rare()} },
		"usual":   func() []string { return []string{usual(), usual()} },
		"common":  func() []string { return []string{common()} },
		"commons": func() []string { return []string{common(), common(), common(), usual()} },
		"phrase":  func() []string { return []string{common() + " " + common()} },
		"long phrase": func() []string {
			return []string{strings.Join([]string{common(), common(), usual(), common()}, " ")}
		},
		"chinese": func() []string { return []string{word(2, 100+p.Uint64N(1000))} },
		"author":  func() []string { return []string{fmt.Sprint("author:author", p.IntN(benchAuthors)), common()} },
		"thread":  func() []string { return []string{fmt.Sprint("in:thread", 1+p.IntN(36)), usual()} },
		"time":    func() []string { return []string{"after:" + noonLater(p), common(), usual()} },
		"file":    func() []string { return []string{"has:file"} },
		"many":    func() []string { return strings.Fields(strings.Repeat(common()+" "+usual()+" ", 8)) },
	}
}

func noonLater(p prose) string {
	return time.Date(2024, 5, 17+p.IntN(11), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// BenchmarkFind searches 1,000,000 messages, 20 threads of which are removed, as an account
// that has blocked two others. For each kind of query, and for all in turns, it reports how
// long the 50th and the 99th of 100 searches took.
func BenchmarkFind(b *testing.B) {
	dir := b.TempDir()
	fillProse(b, dir, 1_000_000)
	db := open(b, dir, Options{})
	service := rules.New(rules.Config{Store: db, Journal: db, Hub: forum.NewHub(), Passwords: noPasswords{}, Clock: time.Now})
	actor := rules.Actor{User: 1}
	for _, name := range []string{"author7", "author8"} {
		if _, err := service.Block(b.Context(), actor, name); err != nil {
			b.Fatal(err)
		}
	}
	kinds := queries(newProse(2))
	var names []string
	for name := range kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	find := func(words []string) time.Duration {
		started := time.Now()
		q, err := search.Parse(words)
		if err != nil {
			b.Fatal(err)
		}
		query := rules.Query{Query: q}
		if q.After != "" {
			query.After, _ = time.Parse(time.DateOnly, q.After)
		}
		if _, err := service.Find(context.Background(), actor, query, rules.Page{Size: 20, Number: 1}); err != nil {
			b.Fatal(err)
		}
		return time.Since(started)
	}
	for _, name := range names {
		b.Run(name, func(b *testing.B) { report(b, func(int) time.Duration { return find(kinds[name]()) }) })
	}
	b.Run("mix", func(b *testing.B) {
		report(b, func(i int) time.Duration { return find(kinds[names[i%len(names)]]()) })
	})
}

// report measures do and says how long its quantiles took, in milliseconds.
func report(b *testing.B, do func(i int) time.Duration) {
	var took []time.Duration
	for i := range b.N {
		took = append(took, do(i))
	}
	slices.Sort(took)
	ms := func(q float64) float64 { return float64(took[int(q*float64(len(took)-1))].Microseconds()) / 1000 }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ms(0.5), "p50-ms")
	b.ReportMetric(ms(0.99), "p99-ms")
	b.ReportMetric(ms(1), "max-ms")
}

// BenchmarkPostIndexed posts texts like those of people to random threads. Its ratio is
// the rate of that to the rate of a store that keeps no index, taken in turns.
func BenchmarkPostIndexed(b *testing.B) {
	template := b.TempDir()
	fill(b, template, 1000, 100)
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprint("writers=", writers), func(b *testing.B) { benchmarkPostIndexed(b, template, writers) })
	}
}

func benchmarkPostIndexed(b *testing.B, template string, writers int) {
	p := newProse(3)
	threads, texts := make([]string, b.N), make([]string, b.N)
	for i := range b.N {
		threads[i], texts[i] = fmt.Sprint("thread", p.IntN(1000)), p.text()
	}
	var posts [2]func(i int) error
	for i, index := range []indexOptions{{}, {off: true}} {
		db := openOrMake(b, copyStore(b, template), Options{EventsKept: 100_000, index: index})
		defer db.Close()
		service := rules.New(rules.Config{Store: db, Journal: db, Hub: forum.NewHub(), Passwords: noPasswords{}, Clock: time.Now, MessageBytes: 65536})
		u, err := service.AddUser(b.Context(), rules.Operator(), "yoda", "password", forum.Member)
		if err != nil {
			b.Fatal(err)
		}
		posts[i] = func(i int) error {
			_, err := service.Post(b.Context(), rules.Actor{User: u.ID, Name: u.Name}, threads[i], texts[i])
			return err
		}
	}
	var took [2]time.Duration
	const turn = 2048
	for from := 0; from < b.N; from += turn {
		for i, post := range posts {
			took[i] += inParallel(b, writers, from, min(b.N, from+turn), post)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(b.N)/took[0].Seconds(), "posts/s")
	b.ReportMetric(float64(b.N)/took[1].Seconds(), "unindexed/s")
	b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "ratio")
}
