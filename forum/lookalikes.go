package forum

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// lookalikes are letters that look like others: to each of the first string the one below
// it. A name has one script, so what can be mistaken is a name that is made of such letters
// alone. The pairs are those of UTS #39 that a terminal shows alike, in scripts of which
// whole names can be written so. I and l are no pair: fonts of terminals tell them apart.
var lookalikes = pairs(
	"01", "ol",
	"ıɑɡ", "iag", // Latin
	"ΑΒΕΖΗΙΚΜΝΟΡΤΥΧΓΠΦ", "ABEZHIKMNOPTYXГПФ", "αγηικνορσυχφ", "ayniĸvopouxф", // Greek
	"АВЕЅЗІӀЈКМНОРСТУҮХԌԚԜҺ", "ABES3IIJKMHOPCTYYXGQWh", "абгеѕіјкӏорсуүхһԁԛԝь", "a6resijĸlopcyyxhdqwb", // Cyrillic
	"ՕՏԼՍ", "OSLU", "աօսհոզցյ", "wouhnqgj", // Armenian
	"ᎠᎡᎢᎪᎫᎬᎳᎷᎻᏀᏃᏆᏎᏙᏚᏞᏟᏢᏦᏴ", "DRTAJEWMHGZI4VSLCPKB", // Cherokee
	"ꓐꓑꓒꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ", "BPdDTGKJCZFMNLSRVHWXYAEIOU", // Lisu
	"ĸ", "k",
)

// pairs makes a replacer of strings of as many letters, two by two. What a letter becomes
// may be listed in its turn, later on.
func pairs(all ...string) []*strings.Replacer {
	var replacers []*strings.Replacer
	for pair := range slices.Chunk(all, 2) {
		to := []rune(pair[1])
		var oldnew []string
		for i, from := range []rune(pair[0]) {
			oldnew = append(oldnew, string(from), string(to[i]))
		}
		replacers = append(replacers, strings.NewReplacer(oldnew...))
	}
	return replacers
}

// Skeleton returns what names are compared by that look alike, by the method of UTS #39,
// section 4. It is not shown to anybody. It accepts any string.
func Skeleton(name string) string {
	for {
		s := NameKey(unlike(name)) // what a letter becomes may have another case, and that be alike
		if s == name {
			return s
		}
		name = s
	}
}

// unlike replaces the letters that look like others.
func unlike(s string) string {
	s = norm.NFD.String(s) // a mark belongs to either letter
	for _, r := range lookalikes {
		s = r.Replace(s)
	}
	return norm.NFC.String(s)
}
