package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// Conn is one keep-alive connection. It is used by one goroutine at a time.
type Conn struct {
	address  string
	conn     net.Conn
	reader   *bufio.Reader
	body     []byte
	deadline time.Time
	ended    bool // the server ends the connection after the last answer
	// Seen is told every answer; nil for nobody. It must not keep the answer's body.
	Seen func(r *Request, a *Answer)
}

// Answer is what came back. Body is valid until the next call on the connection.
type Answer struct {
	Status int
	Header []byte // status line and header lines, with their line ends
	Body   []byte // nil where the request discards it
	Length int64
}

// StatusError is the error of an answer whose status is not 2xx.
type StatusError struct {
	Status int
	Body   string
}

func (e *StatusError) Error() string { return fmt.Sprintf("status %d: %.300s", e.Status, e.Body) }

// callTimeout bounds what is prepared.
const callTimeout = time.Minute

// Dial opens a connection.
func Dial(ctx context.Context, address string) (*Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &Conn{address: address, conn: conn, reader: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// limit sets the time by which all calls must have ended.
func (c *Conn) limit(deadline time.Time) error {
	c.deadline = deadline
	return c.conn.SetDeadline(deadline)
}

// reopen replaces the connection, for servers that answer one call on each.
func (c *Conn) reopen() error {
	c.conn.Close()
	conn, err := net.Dial("tcp", c.address)
	if err != nil {
		return err
	}
	c.conn, c.ended = conn, false
	c.reader.Reset(conn)
	return conn.SetDeadline(c.deadline)
}

// Close closes the connection.
func (c *Conn) Close() error { return c.conn.Close() }

// Do sends a request and reads the answer. A status other than 2xx is a *StatusError.
func (c *Conn) Do(r *Request) (*Answer, error) {
	if c.ended {
		if err := c.reopen(); err != nil {
			return nil, err
		}
	}
	if err := r.write(c.conn); err != nil {
		return nil, err
	}
	answer, err := c.read(r)
	if err != nil {
		return nil, err
	}
	if c.Seen != nil {
		c.Seen(r, answer)
	}
	if answer.Status/100 != 2 {
		return answer, &StatusError{answer.Status, string(answer.Body)}
	}
	return answer, nil
}

func (c *Conn) read(r *Request) (*Answer, error) {
	header, err := c.readHeader()
	if err != nil {
		return nil, err
	}
	a := &Answer{Header: header, Length: -1}
	if len(header) < 12 {
		return nil, fmt.Errorf("status line %q", header)
	}
	if a.Status, err = strconv.Atoi(string(header[9:12])); err != nil {
		return nil, fmt.Errorf("status line %.40q", header)
	}
	c.ended = bytes.HasPrefix(header, []byte("HTTP/1.0")) || strings.EqualFold(headerValue(header, "connection"), "close")
	switch {
	case a.Status == 204 || a.Status == 304:
		a.Length = 0
		return a, nil
	case headerValue(header, "transfer-encoding") == "chunked":
		return a, c.readChunks(a)
	}
	length := headerValue(header, "content-length")
	if a.Length, err = strconv.ParseInt(length, 10, 64); err != nil {
		return nil, fmt.Errorf("answer without a length: %.300s", header)
	}
	if r.Discard && a.Status/100 == 2 {
		_, err = io.CopyN(io.Discard, c.reader, a.Length)
		return a, err
	}
	if int64(cap(c.body)) < a.Length {
		c.body = make([]byte, a.Length)
	}
	a.Body = c.body[:a.Length]
	_, err = io.ReadFull(c.reader, a.Body)
	return a, err
}

// readHeader reads up to the empty line; what it returns is valid until more is read.
func (c *Conn) readHeader() ([]byte, error) {
	for size := 1; ; {
		if _, err := c.reader.Peek(size); err != nil {
			return nil, err
		}
		have, err := c.reader.Peek(c.reader.Buffered())
		if err != nil {
			return nil, err
		}
		if end := bytes.Index(have, []byte("\r\n\r\n")); end >= 0 {
			header := bytes.Clone(have[:end+4])
			_, err := c.reader.Discard(end + 4)
			return header, err
		}
		if size = len(have) + 1; size > c.reader.Size() {
			return nil, errors.New("header too long")
		}
	}
}

func (c *Conn) readChunks(a *Answer) error {
	c.body = c.body[:0]
	for {
		line, err := c.reader.ReadString('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(strings.TrimSpace(line), 16, 64)
		if err != nil {
			return fmt.Errorf("chunk size: %w", err)
		}
		start := len(c.body)
		c.body = append(c.body, make([]byte, size+2)...)
		if _, err := io.ReadFull(c.reader, c.body[start:]); err != nil {
			return err
		}
		c.body = c.body[:start+int(size)]
		if size == 0 {
			a.Body, a.Length = c.body, int64(len(c.body))
			return nil
		}
	}
}

// headerValue finds a header by its name in lower case.
func headerValue(header []byte, name string) string {
	for line := range bytes.SplitSeq(header, []byte("\r\n")) {
		if len(line) > len(name) && line[len(name)] == ':' && strings.EqualFold(string(line[:len(name)]), name) {
			return strings.TrimSpace(string(line[len(name)+1:]))
		}
	}
	return ""
}
