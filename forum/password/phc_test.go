package password

import (
	"strings"
	"testing"

	"sshforum/forum"
)

const wellFormed = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

func TestTamperedStringsAreRefused(t *testing.T) {
	if _, err := parse(wellFormed); err != nil {
		t.Fatal(err)
	}
	h := newHasher(t, small)
	replace := func(old, new string) string {
		t.Helper()
		tampered := strings.Replace(wellFormed, old, new, 1)
		if tampered == wellFormed {
			t.Fatalf("%q is not in the string", old)
		}
		return tampered
	}
	for name, phc := range map[string]string{
		"other algorithm":       replace("argon2id", "argon2i"),
		"upper case":            replace("argon2id", "ARGON2ID"),
		"old version":           replace("v=19", "v=16"),
		"no version":            replace("$v=19", ""),
		"no memory":             replace("m=256", "m=0"),
		"memory over the bound": replace("m=256", "m=1048577"),
		"memory overflows":      replace("m=256", "m=4294967552"),
		"negative":              replace("m=256", "m=-256"),
		"memory under 8 p":      replace("m=256,t=2,p=1", "m=8,t=2,p=2"),
		"leading zero":          replace("m=256", "m=0256"),
		"sign":                  replace("m=256", "m=+256"),
		"space":                 replace("m=256", "m= 256"),
		"no time":               replace("t=2", "t=0"),
		"time over the bound":   replace("t=2", "t=65"),
		"no threads":            replace("p=1", "p=0"),
		"threads over bound":    replace("m=256,t=2,p=1", "m=1024,t=2,p=65"),
		"threads overflow":      replace("p=1", "p=257"),
		"other order":           replace("m=256,t=2", "t=2,m=256"),
		"more parameters":       replace("p=1", "p=1,keyid=x"),
		"short salt":            replace("c29tZXNhbHQ", "c29tZXM"),
		"long salt":             replace("c29tZXNhbHQ", strings.Repeat("AAAA", 22)),
		"no salt":               replace("c29tZXNhbHQ", ""),
		"short key":             replace("nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "nf65EOgLrQMR"),
		"long key":              replace("nf65", strings.Repeat("AAAA", 12)),
		"no key":                replace("nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", ""),
		"padding":               wellFormed + "=",
		"trailing bits":         replace("Gi/4", "Gi/5"),
		"new line in base64":    replace("nf65", "nf\n65"),
		"other base64 alphabet": replace("/", "_"),
		"more fields":           wellFormed + "$",
		"space before":          " " + wellFormed,
		"half of it":            wellFormed[:40],
		"plain text":            "password",
		"very long":             wellFormed + strings.Repeat("A", 1<<20),
	} {
		ok, err := h.Verify(t.Context(), phc, "password")
		if ok || err == nil || forum.KindOf(err) != forum.Internal {
			t.Errorf("%s: %v, %v", name, ok, err)
			continue
		}
		if strings.Contains(err.Error(), "nf65") {
			t.Errorf("%s: the error shows the hash: %v", name, err)
		}
		if !h.Outdated(phc) {
			t.Errorf("%s: not outdated", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{wellFormed, "", "$argon2id$v=19$m=8,t=1,p=1$$", "$2b$10$abc", strings.Repeat("$", 5)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, phc string) {
		h, err := parse(phc)
		if err != nil {
			return
		}
		if h.String() != phc {
			t.Errorf("%q is written %q", phc, h)
		}
		if h.memoryKiB > maxMemoryKiB || h.time > maxTime || h.threads > maxThreads || h.check() != nil {
			t.Errorf("%q is beyond the bounds", phc)
		}
	})
}
