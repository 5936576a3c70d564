package expr

import (
	_ "embed"
	"strings"
)

// reservedText is the list of reserved words in the DynamoDB developer guide.
//
//go:embed reserved.txt
var reservedText string

var reservedWords = func() map[string]bool {
	words := make(map[string]bool, 600)
	for _, word := range strings.Fields(reservedText) {
		words[word] = true
	}
	return words
}()

// reserved reports whether an attribute's name must not stand in an expression as it is.
func reserved(name string) bool { return reservedWords[strings.ToUpper(name)] }
