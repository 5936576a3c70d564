package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// The tables stand between these marks; what is around them is written by hand.
const (
	tablesBegin = "<!-- tables: written by make verify -->"
	tablesEnd   = "<!-- end of tables -->"
)

// writeMarkdown replaces the tables in a file.
func writeMarkdown(file, runtime string, all []*comparison) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), tablesBegin)
	_, after, closed := strings.Cut(rest, tablesEnd)
	if !ok || !closed {
		return fmt.Errorf("%s has no place for the tables: %s ... %s", file, tablesBegin, tablesEnd)
	}
	return os.WriteFile(file, []byte(before+tablesBegin+"\n"+tables(runtime, all)+tablesEnd+after), 0o644)
}

func tables(runtime string, all []*comparison) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nMeasured on %s in the %s runtime.\n\n", time.Now().UTC().Format("2006-01-02"), runtime)
	b.WriteString("| service | backend | version | tests passed | seconds |\n|---|---|---|---|---|\n")
	for _, c := range all {
		for _, r := range c.Results {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %.1f |\n", c.Service, r.Backend, version(r.Backend), r.score(), r.Seconds)
		}
	}
	for _, c := range all {
		b.WriteString("\n### " + c.Service + "\n\n")
		c.failures(&b)
	}
	return b.String()
}

// failures lists what does not pass everywhere.
func (c *comparison) failures(b *strings.Builder) {
	var rows []string
	for _, name := range c.tests() {
		cells, failed := "", false
		for _, r := range c.Results {
			failed = failed || r.Tests[name] == "fail"
			cells += " " + word(r.Tests[name]) + " |"
		}
		if failed {
			rows = append(rows, "| "+strings.ReplaceAll(name, "|", `\|`)+" |"+cells+"\n")
		}
	}
	for _, r := range c.Results {
		if r.Error != "" {
			fmt.Fprintf(b, "%s: %s.\n\n", r.Backend, strings.TrimRight(lastLine(r.Error), "."))
		}
	}
	if len(rows) == 0 {
		b.WriteString("All tests that were run pass.\n")
		return
	}
	b.WriteString("Tests that not all pass:\n\n| test |")
	for _, r := range c.Results {
		b.WriteString(" " + r.Backend + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(c.Results)) + "\n" + strings.Join(rows, ""))
}
