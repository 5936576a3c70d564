package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"text/tabwriter"
)

// The rules of the terminal:
//
//   - Standard output holds results only, what a script would read; with --json it is one JSON value.
//   - Standard error holds the rest: progress, warnings, errors. Errors begin with "localcloud: ", what
//     the user can do about them with "hint: ", warnings with "note: ".
//   - On a terminal, progress is one line that is written over and is gone in the end. Elsewhere it is
//     plain lines, each whole.
//   - No colours, no emoji. Sentences start small after a prefix and end without a full stop.

// progress shows what is being done. Safe for concurrent use.
type progress struct {
	out      io.Writer
	terminal bool

	mu    sync.Mutex
	shown bool // a line that is to be written over
}

func (a *app) progress() *progress {
	file, ok := a.stderr.(*os.File)
	return &progress{out: a.stderr, terminal: ok && isTerminal(file)}
}

// line shows one step.
func (p *progress) line(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.terminal {
		fmt.Fprintln(p.out, text)
		return
	}
	const width = 78
	if runes := []rune(text); len(runes) > width {
		text = string(runes[:width-1]) + "…"
	}
	fmt.Fprintf(p.out, "\r\x1b[K%s", text)
	p.shown = true
}

// done clears the line.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
}

// notes prints warnings.
func (a *app) notes(notes []string) {
	for _, note := range notes {
		fmt.Fprintln(a.stderr, "note:", note)
	}
}

// table prints rows in columns.
func table(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	return t.Flush()
}

func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
