package s3_test

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
)

var (
	resultsMu sync.Mutex
	results   []string
)

// report adds the result of a test to the table once it ends. start calls it for every test.
func report(t testing.TB) {
	t.Cleanup(func() {
		result := "passed"
		switch {
		case t.Failed():
			result = "FAILED"
		case t.Skipped():
			result = "skipped"
		}
		resultsMu.Lock()
		defer resultsMu.Unlock()
		results = append(results, fmt.Sprintf("| %s | %s |", t.Name(), result))
	})
}

func printTable() {
	endpoint := os.Getenv("S3_ENDPOINT")
	if endpoint == "" {
		endpoint = "native"
	}
	fmt.Printf("\n| S3 conformance of %s | |\n|---|---|\n", endpoint)
	slices.Sort(results)
	for _, row := range results {
		fmt.Println(row)
	}
}
