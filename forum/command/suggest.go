package command

import (
	"strings"

	"sshforum/forum"
)

// Unknown returns the error for a verb that is not a command. Its kind is forum.Usage, and a
// second line names the nearest command, or HELP if there is none.
func Unknown(verb string, commands []string) error {
	if near, ok := Nearest(verb, commands); ok {
		return forum.Errorf(forum.Usage, "Invalid command\ndid you mean %s?", near)
	}
	return forum.Errorf(forum.Usage, "Invalid command\nHELP lists the commands")
}

// Nearest returns the first of the candidates with the fewest edits from word, regardless of
// case. At most one letter in three may be edited; a word of three letters or more that begins
// a candidate counts as one edit away. The time it takes grows with the square of the longest
// candidate.
func Nearest(word string, candidates []string) (string, bool) {
	from := []rune(strings.ToLower(word))
	nearest, fewest := "", -1
	for _, candidate := range candidates {
		to := []rune(strings.ToLower(candidate))
		longest := max(len(from), len(to))
		limit := longest / 3
		edits := limit + 1
		switch {
		case len(from) >= 3 && len(from) < len(to) && string(to[:len(from)]) == string(from):
			edits = 1
		case longest-min(len(from), len(to)) <= limit:
			edits = distance(from, to)
		}
		if edits <= limit && (fewest < 0 || edits < fewest) {
			nearest, fewest = candidate, edits
		}
	}
	return nearest, fewest >= 0
}

// Distance returns the number of edits from a to b.
func Distance(a, b string) int { return distance([]rune(a), []rune(b)) }

// distance returns the Damerau-Levenshtein distance of a and b, in which no letter is edited
// twice ("optimal string alignment"): the number of letters to insert, delete or replace and of
// neighbours to swap.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range b {
			replace := last[j]
			if a[i] != b[j] {
				replace++
			}
			row[j+1] = min(replace, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
