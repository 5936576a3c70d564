package main

import (
	"fmt"
	"strings"
	"time"

	"localcloud/test/load"
)

// table prints Markdown, a row as soon as it is known.
type table struct {
	subjects []*subject
	notes    []string
}

func newTable(subjects []*subject) *table {
	t := &table{subjects: subjects}
	head, rule := "| workload | ceiling | CPU", "|---|---|---"
	for _, s := range subjects {
		head += " | " + s.name + " | p50 / p99 | CPU"
		rule += "|---|---|---"
	}
	fmt.Println(head + " |\n" + rule + "|")
	return t
}

// row prints the results of a workload, the ceiling's first.
func (t *table) row(w load.Workload, results []outcome, errs []error) {
	ceiling := results[0].Rate() * float64(w.Calls)
	line := fmt.Sprintf("| %s | %s | %s", w.Name, number(ceiling), cpu(results[0]))
	for i, r := range results[1:] {
		if err := errs[i+1]; err != nil || r.Iterations == 0 {
			line += " | - | - | -"
			if err != nil {
				t.note(w, t.subjects[i].name, err)
			}
			continue
		}
		rate := r.Rate() * float64(w.Calls)
		line += fmt.Sprintf(" | %s (%.2f) | %s / %s | %s", number(rate), rate/ceiling, micros(r.P50), micros(r.P99), cpu(r))
	}
	fmt.Println(line + " |")
}

// skip prints that nobody can do a workload.
func (t *table) skip(w load.Workload, err error) {
	fmt.Println("| " + w.Name + " | - | -" + strings.Repeat(" | - | - | -", len(t.subjects)) + " |")
	t.note(w, "all", err)
}

func (t *table) note(w load.Workload, subject string, err error) {
	text := strings.Join(strings.Fields(err.Error()), " ")
	t.notes = append(t.notes, fmt.Sprintf("%s, %s: %.200s", w.Name, subject, text))
}

// footer prints what is no workload, and why places are empty.
func (t *table) footer() {
	fmt.Println()
	for _, s := range t.subjects {
		if s.up != 0 {
			fmt.Printf("%s: ready after %v, %.1f MiB resident then, %.1f MiB now\n",
				s.name, s.up.Round(time.Millisecond), float64(s.idle)/(1<<20), float64(resident(s.pid))/(1<<20))
		}
	}
	for _, note := range t.notes {
		fmt.Println("not measured:", note)
	}
}

func number(f float64) string {
	if f < 1000 {
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.0f", f)
}

func micros(d time.Duration) string { return fmt.Sprintf("%d µs", d.Microseconds()) }

// cpu is the processor time of the server for one call.
func cpu(o outcome) string {
	if o.cpu == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f µs", float64(o.cpu)/1000)
}
