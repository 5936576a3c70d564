package config

// nearest returns the name in names that word is most likely a misspelling of, "" where none is near.
func nearest(word string, names []string) string {
	best, bound := "", max(2, len(word)/3)+1
	for _, name := range names {
		if d := distance(word, name); d < bound {
			best, bound = name, d
		}
	}
	return best
}

// suggestion is the end of a message about an unknown word: `; did you mean "services"?`, or nothing.
func suggestion(word string, names []string) string {
	if near := nearest(word, names); near != "" {
		return `; did you mean "` + near + `"?`
	}
	return ""
}

// distance is the number of letters to insert, remove or change to make a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
