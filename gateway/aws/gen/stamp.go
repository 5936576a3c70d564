package main

import (
	"fmt"
	"os"
	"regexp"
)

var stampLine = regexp.MustCompile(`from botocore ([^ ]+) `)

// readStamp is the version of the models that the committed files are made from.
func readStamp() (string, error) {
	path := structures[0].path
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	match := stampLine.FindSubmatch(data)
	if match == nil {
		return "", fmt.Errorf("%s has no stamp", path)
	}
	return string(match[1]), nil
}
