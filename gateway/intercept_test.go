package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"localcloud/gateway/aws"
)

// scripted is an interceptor that does as it is told and writes down what it sees.
type scripted struct {
	name    string
	log     *[]string
	forward func() (*http.Response, error)
	back    func(*http.Response) error
}

func (s *scripted) ForwardRequest(context.Context, *Call) (*http.Response, error) {
	*s.log = append(*s.log, "> "+s.name)
	if s.forward == nil {
		return nil, nil
	}
	return s.forward()
}

func (s *scripted) ReturnResponse(_ context.Context, _ *Call, resp *http.Response) error {
	*s.log = append(*s.log, "< "+s.name)
	if s.back == nil {
		return nil
	}
	return s.back(resp)
}

// scriptedEarly also sees refused calls.
type scriptedEarly struct{ scripted }

func (*scriptedEarly) Early() {}

// closeCounter counts how often a body is closed.
type closeCounter struct {
	io.Reader
	closed *int
}

func (c closeCounter) Close() error { *c.closed++; return nil }

func TestInterceptorsSeeACallInOrderAndItsAnswerInReverse(t *testing.T) {
	boom := errors.New("boom")
	cases := []struct {
		name         string
		first, last  scripted
		early        bool // the first is Early
		refusal      error
		backendError error
		want         []string
		status       int
		body         string
	}{
		{
			name: "a call that nobody answers reaches the backend", status: 200, body: "backend",
			want: []string{"> first", "> last", "backend", "< last", "< first"},
		},
		{
			name: "an answer skips what comes later and is seen by who gave it", status: 201, body: "mine",
			first: scripted{forward: func() (*http.Response, error) { return text(201, "mine"), nil }},
			want:  []string{"> first", "< first"},
		},
		{
			name: "an AWS error is the answer", status: 404, body: "NoSuchKey",
			last: scripted{forward: func() (*http.Response, error) {
				return nil, &aws.Error{Code: "NoSuchKey", Message: "m", Status: 404}
			}},
			want: []string{"> first", "> last", "< last", "< first"},
		},
		{
			name: "another error is an internal error that does not tell its cause", status: 500, body: "InternalError",
			first: scripted{forward: func() (*http.Response, error) { return nil, boom }},
			want:  []string{"> first", "< first"},
		},
		{
			name: "a panic is an internal error", status: 500, body: "InternalError",
			last: scripted{forward: func() (*http.Response, error) { panic("bug") }},
			want: []string{"> first", "> last", "< last", "< first"},
		},
		{
			name: "an error on the way back replaces the answer for those before", status: 500, body: "InternalError",
			last: scripted{back: func(*http.Response) error { return boom }},
			want: []string{"> first", "> last", "backend", "< last", "< first"},
		},
		{
			name: "a panic on the way back replaces the answer", status: 500, body: "InternalError",
			first: scripted{back: func(*http.Response) error { panic("bug") }},
			want:  []string{"> first", "> last", "backend", "< last", "< first"},
		},
		{
			name: "a backend's failure passes back too", status: 503, body: "The backend fake did not answer: boom.", backendError: boom,
			want: []string{"> first", "> last", "backend", "< last", "< first"},
		},
		{
			name: "a refused call is seen by the early ones alone", status: 403, body: "AccessDenied", early: true,
			refusal: &aws.Error{Code: "AccessDenied", Status: 403},
			want:    []string{"> first", "< first"},
		},
		{
			name: "an early one may answer what would be refused", status: 200, body: "page", early: true,
			refusal: &aws.Error{Code: "AccessDenied", Status: 403},
			first:   scripted{forward: func() (*http.Response, error) { return text(200, "page"), nil }},
			want:    []string{"> first", "< first"},
		},
		{
			name: "a refused call is not seen by the others", status: 403, body: "AccessDenied",
			refusal: &aws.Error{Code: "AccessDenied", Status: 403},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var log []string
			var made, closed int
			backend := native(func(*http.Request) (*http.Response, error) {
				log = append(log, "backend")
				if c.backendError != nil {
					return nil, c.backendError
				}
				made++
				return &http.Response{StatusCode: 200, Body: closeCounter{strings.NewReader("backend"), &closed}, ContentLength: -1}, nil
			})
			c.first.name, c.last.name, c.first.log, c.last.log = "first", "last", &log, &log
			var first Interceptor = &c.first
			if c.early {
				first = &scriptedEarly{c.first}
			}
			g := start(t, backend, func(config *Config) {
				identify := config.Identify
				config.Identify = func(call *Call, port int) error { return errors.Join(identify(call, port), c.refusal) }
			}, first, &c.last)
			resp, body := g.send(t, "GET /b/k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
			if resp.StatusCode != c.status || !strings.Contains(body, c.body) {
				t.Errorf("answer %d %q, want %d and %q", resp.StatusCode, body, c.status, c.body)
			}
			if strings.Contains(body, "boom") && c.backendError == nil {
				t.Errorf("the answer tells the cause: %s", body)
			}
			if diff := cmp.Diff(c.want, log); diff != "" {
				t.Errorf("seen (-want +got):\n%s", diff)
			}
			if made != closed {
				t.Errorf("%d bodies of the backend, %d closed", made, closed)
			}
		})
	}
}

func TestAnInterceptorMayReplaceBodies(t *testing.T) {
	closed := 0
	backend := native(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		resp := text(200, "")
		resp.Body = closeCounter{strings.NewReader("got " + string(body)), &closed}
		resp.ContentLength = int64(len("got ") + len(body))
		return resp, nil
	})
	var log []string
	g := start(t, backend, nil, &replacing{scripted{name: "r", log: &log}})
	resp, body := g.send(t, "PUT /b/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nConnection: close\r\n\r\nold")
	if resp.StatusCode != 200 || body != "GOT NEW BODY" {
		t.Errorf("answer %d %q", resp.StatusCode, body)
	}
	if closed != 1 {
		t.Errorf("the backend's body was closed %d times", closed)
	}
}

// replacing sends another body and returns another one.
type replacing struct{ scripted }

func (*replacing) ForwardRequest(_ context.Context, call *Call) (*http.Response, error) {
	if err := call.Request.Body.Close(); err != nil {
		return nil, err
	}
	call.Request.Body, call.Request.ContentLength = io.NopCloser(strings.NewReader("new body")), 8
	return nil, nil
}

func (*replacing) ReturnResponse(_ context.Context, _ *Call, resp *http.Response) error {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	upper := strings.ToUpper(string(body))
	resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(upper)), int64(len(upper))
	return nil
}

func TestDoAnswersWithoutAListener(t *testing.T) {
	var log []string
	backend := native(func(r *http.Request) (*http.Response, error) {
		if c := aws.CallFrom(r.Context()); c == nil || c.Account != "111122223333" || c.RequestID == "" {
			t.Errorf("the backend's call is %+v", c)
		}
		return text(200, "done"), nil
	})
	config := Config{Backends: backends(backend)}
	g := New(config)
	g.Use(&scripted{name: "one", log: &log})
	call := &Call{Request: newRequest(t, "POST", "/")}
	call.Service, call.Account, call.Region = aws.Lookup("sqs"), "111122223333", "eu-west-1"
	resp, err := g.Do(context.Background(), call)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "done" {
		t.Errorf("answer %q, %v", body, err)
	}
	if diff := cmp.Diff([]string{"> one", "< one"}, log); diff != "" {
		t.Error(diff)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	call = &Call{Request: newRequest(t, "POST", "/")}
	call.Service = aws.Lookup("sqs")
	if resp, err := g.Do(ctx, call); !errors.Is(err, context.Canceled) {
		t.Errorf("Do of a cancelled context: %v, %v", resp, err)
	}
}
