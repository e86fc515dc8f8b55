// Package nearest finds what somebody meant who wrote a word that is not known.
package nearest

import "strings"

// Word returns the known word that is nearest to one that somebody wrote; "" when none is near.
func Word(word string, known []string) string {
	best, least := "", len(word)/2+1
	if len(word) > 100 {
		return ""
	}
	for _, k := range known {
		if d := distance(word, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is how many bytes have to be put in, taken out or changed to make b of a, as small
// letters.
func distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		above := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := above
			if a[i] != b[j] {
				change++
			}
			above = row[j+1]
			row[j+1] = min(change, above+1, row[j]+1)
		}
	}
	return row[len(b)]
}
