package main

import (
	"bytes"
	"io"
)

// deliveries passes the lines of a log on that tell what became of deliveries: attempts, filter
// decisions, repetitions, dead letters.
type deliveries struct {
	w    io.Writer
	rest []byte // of a line that is not whole yet
}

var deliveryMark = []byte(" msg=delivery ")

func (d *deliveries) Write(p []byte) (int, error) {
	d.rest = append(d.rest, p...)
	for {
		end := bytes.IndexByte(d.rest, '\n') + 1
		if end == 0 {
			return len(p), nil
		}
		if bytes.Contains(d.rest[:end], deliveryMark) {
			if _, err := d.w.Write(d.rest[:end]); err != nil {
				return 0, err
			}
		}
		d.rest = d.rest[end:]
	}
}
