package gateway

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// smallBody is the length up to which a request's body is not watched for stalls: it comes with the
// header, or nearly so.
const smallBody = 16 << 10

// stalledTimeout is the time in which the next bytes of a long body must come.
const stalledTimeout = time.Minute

// stallLimit is a request's body whose next bytes must come within stalledTimeout. The deadline is
// set anew at most once a second.
type stallLimit struct {
	io.ReadCloser
	control *http.ResponseController
	set     time.Time
	failed  error // of the caller's sending
}

// watch makes a request's body one whose stalls are limited, and which can still be read when the
// answer has begun.
func watch(w http.ResponseWriter, body io.ReadCloser) *stallLimit {
	control := http.NewResponseController(w)
	_ = control.EnableFullDuplex() // HTTP/2 is so anyway
	return &stallLimit{ReadCloser: body, control: control}
}

// Read reads from the body, for a bounded time.
func (s *stallLimit) Read(p []byte) (int, error) {
	if now := time.Now(); now.Sub(s.set) > time.Second {
		s.set = now
		// Where no deadline can be set, none is kept.
		_ = s.control.SetReadDeadline(now.Add(stalledTimeout))
	}
	n, err := s.ReadCloser.Read(p)
	if err == nil {
		return n, nil
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = errStalled
	} else {
		_ = s.control.SetReadDeadline(time.Time{})
	}
	if err != io.EOF && !errors.Is(err, http.ErrBodyReadAfterClose) {
		s.failed = err
	}
	return n, err
}

var errStalled = errors.New("no further bytes of the request's body came in time")
