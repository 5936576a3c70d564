package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"localcloud/test/load"
)

// recorded is an answer that the ceiling gives.
type recorded struct {
	Status int
	Header [][2]string
	Body   []byte
	Length int64 // of a body that was not kept
}

// script is what the ceiling is to know: the answers by load.Request.Key.
type script struct {
	Answers map[string]recorded
	Stores  bool
}

// startCeiling records the answers of the first subject that can do the workload and starts a server
// that gives them.
func startCeiling(ctx context.Context, w load.Workload, subjects []*subject) (*subject, error) {
	var errs []error
	for _, s := range subjects {
		if s.skips(w) {
			continue
		}
		answers, err := record(ctx, w, s.address)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.name, err))
			continue
		}
		c, err := startChild(ctx, "ceiling", script{answers, w.Stores})
		if err != nil {
			return nil, err
		}
		return &subject{name: "ceiling", address: c.address, pid: c.command.Process.Pid, end: c.stop}, nil
	}
	return nil, errors.Join(errs...)
}

// record does one iteration of a workload and keeps the answers.
func record(ctx context.Context, w load.Workload, address string) (map[string]recorded, error) {
	c, err := load.Dial(ctx, address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	answers := make(map[string]recorded)
	c.Seen = func(r *load.Request, a *load.Answer) { answers[r.Key()] = keep(a) }
	if w.Prepare != nil {
		if err := w.Prepare(c); err != nil {
			return nil, err
		}
	}
	return answers, w.Worker(0)(c)
}

func keep(a *load.Answer) recorded {
	r := recorded{Status: a.Status, Body: bytes.Clone(a.Body), Length: a.Length}
	for line := range strings.SplitSeq(string(a.Header), "\r\n") {
		name, value, found := strings.Cut(line, ": ")
		if found && !strings.EqualFold(name, "Date") && !strings.EqualFold(name, "Transfer-Encoding") && !strings.EqualFold(name, "Connection") {
			r.Header = append(r.Header, [2]string{name, value})
		}
	}
	return r
}

// ceiling is the bare handler.
type ceiling struct {
	script
	dir   string
	files atomic.Int64
}

func newCeiling(input *json.Decoder) (http.Handler, error) {
	c := new(ceiling)
	if err := input.Decode(&c.script); err != nil {
		return nil, err
	}
	for key, a := range c.Answers {
		if a.Body == nil && a.Length > 0 {
			a.Body = make([]byte, a.Length)
			c.Answers[key] = a
		}
	}
	if !c.Stores {
		return c, nil
	}
	var err error
	c.dir, err = os.MkdirTemp("", "ceiling")
	return c, err
}

// ServeHTTP reads the request and answers with what was recorded.
func (c *ceiling) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := c.read(w, r); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer, ok := c.Answers[r.Method+" "+r.Header.Get("X-Amz-Target")]
	if !ok {
		http.Error(w, "nothing was recorded for this", http.StatusNotFound)
		return
	}
	header := w.Header()
	for _, line := range answer.Header {
		header[line[0]] = append(header[line[0]], line[1])
	}
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body) // the load generator counts what it misses
}

// read reads the body; where the workload stores, it computes the MD5 and writes a file.
func (c *ceiling) read(w http.ResponseWriter, r *http.Request) error {
	if !c.Stores {
		_, err := io.Copy(io.Discard, r.Body)
		return err
	}
	name := filepath.Join(c.dir, fmt.Sprint(c.files.Add(1)))
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	sum := md5.New() //nolint:gosec // what an ETag is
	buffer := make([]byte, 256<<10)
	for {
		n, err := r.Body.Read(buffer)
		sum.Write(buffer[:n])
		if _, failed := file.Write(buffer[:n]); failed != nil {
			return errors.Join(failed, file.Close())
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return errors.Join(err, file.Close())
		}
	}
	w.Header().Set("ETag", hex.EncodeToString(sum.Sum(nil)))
	return errors.Join(file.Close(), os.Rename(name, filepath.Join(c.dir, fmt.Sprintf("object%d", c.files.Load()%100))))
}
