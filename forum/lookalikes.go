package forum

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// lookalikes maps letters that look like others: each letter of the first string of a pair to
// the letter below it. A name has one script, so a name can only be mistaken for another if all
// its letters are such letters. The pairs are those of UTS #39 that look the same on a
// terminal, in scripts in which whole names can be written so. I and l are not a pair, because
// terminal fonts distinguish them.
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

// pairs returns a replacer for each two strings, which have equally many letters. The letter
// that replaces another may itself be listed further on.
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

// Skeleton returns the key by which names that look alike are found, by the method of UTS #39,
// section 4. It is not shown to anybody. It accepts any string.
func Skeleton(name string) string {
	for {
		s := NameKey(replaceLookalikes(name)) // a replacement may have another case, and look like a letter in that case
		if s == name {
			return s
		}
		name = s
	}
}

// replaceLookalikes replaces the letters that look like others.
func replaceLookalikes(s string) string {
	s = norm.NFD.String(s) // a mark may follow either letter
	for _, r := range lookalikes {
		s = r.Replace(s)
	}
	return norm.NFC.String(s)
}
