package guest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"localcloud/gateway/aws"
)

// echo is a native backend that answers as its fields say.
type echo struct {
	answer func(req *http.Request) (*http.Response, error)
	resets int
}

func (e *echo) RoundTrip(req *http.Request) (*http.Response, error) { return e.answer(req) }
func (e *echo) Close() error                                        { return nil }
func (e *echo) Reset() error                                        { e.resets++; return nil }

var sqs = &aws.Service{Name: "sqs"}

func newServer(t *testing.T, backend *echo) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(&handler{
		backend: backend, token: "secret", log: slog.New(slog.DiscardHandler),
		service: func(name string) *aws.Service {
			if name == sqs.Name {
				return sqs
			}
			return nil
		},
	})
	t.Cleanup(server.Close)
	return server
}

func send(t *testing.T, method, url string, header map[string]string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func TestACallReachesTheBackendAsItIs(t *testing.T) {
	want := aws.Call{
		Service: sqs, Protocol: aws.JSON10, Account: "123456789012", Region: "eu-west-1", AccessKey: "AKIA&=%", Principal: "arn:aws:iam::1:root",
		RequestID: "id", Scheme: "http", Host: "sqs.localhost:4566", Path: "/a//b%2Fc", Hops: 3,
	}
	backend := &echo{answer: func(req *http.Request) (*http.Response, error) {
		if got := *aws.CallFrom(req.Context()); got != want {
			t.Errorf("call %+v, want %+v", got, want)
		}
		if req.Header.Get(aws.CallHeader) != "" || req.Header.Get(TokenHeader) != "" {
			t.Error("the backend sees headers of the gateway")
		}
		return &http.Response{
			StatusCode: 299, ContentLength: -1, Header: http.Header{"X-Amz-Thing": {"a", "b"}},
			Body: io.NopCloser(strings.NewReader("hello")), Trailer: http.Header{"X-Sum": {"1"}},
		}, nil
	}}
	resp := send(t, http.MethodGet, newServer(t, backend).URL+"/x", map[string]string{
		TokenHeader: "secret", aws.CallHeader: want.MarshalHeader(),
	})
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != "hello" || resp.StatusCode != 299 || len(resp.Header["X-Amz-Thing"]) != 2 || resp.Trailer.Get("X-Sum") != "1" {
		t.Errorf("%q, %v, %v, trailer %v", body, err, resp, resp.Trailer)
	}
	if _, guessed := resp.Header["Content-Type"]; guessed {
		t.Errorf("a content type was guessed: %v", resp.Header)
	}
}

func TestWhatIsNotTheGatewaysIsRefused(t *testing.T) {
	backend := &echo{answer: func(*http.Request) (*http.Response, error) {
		t.Error("the backend was called")
		return nil, errors.New("called")
	}}
	url := newServer(t, backend).URL
	call := (&aws.Call{Service: sqs}).MarshalHeader()
	for name, test := range map[string]struct {
		method, path string
		header       map[string]string
		want         int
	}{
		"ready needs no token":         {http.MethodGet, ReadyPath, nil, 204},
		"no token":                     {http.MethodGet, "/", map[string]string{aws.CallHeader: call}, 403},
		"a wrong token":                {http.MethodGet, "/", map[string]string{aws.CallHeader: call, TokenHeader: "secrets"}, 403},
		"reset without a token":        {http.MethodPost, ResetPath, nil, 403},
		"reset":                        {http.MethodPost, ResetPath, map[string]string{TokenHeader: "secret"}, 204},
		"reset by GET":                 {http.MethodGet, ResetPath, map[string]string{TokenHeader: "secret"}, 501},
		"something else to control":    {http.MethodPost, "/", map[string]string{TokenHeader: "secret"}, 501},
		"a call that cannot be read":   {http.MethodGet, "/", map[string]string{TokenHeader: "secret", aws.CallHeader: "x"}, 400},
		"a call to an unknown service": {http.MethodGet, "/", map[string]string{TokenHeader: "secret", aws.CallHeader: (&aws.Call{Service: &aws.Service{Name: "no"}}).MarshalHeader()}, 400},
	} {
		if got := send(t, test.method, url+test.path, test.header).StatusCode; got != test.want {
			t.Errorf("%s: status %d, want %d", name, got, test.want)
		}
	}
	if backend.resets != 1 {
		t.Errorf("reset %d times, want once", backend.resets)
	}
}

func TestABodyThatBreaksIsNotTakenForTheWhole(t *testing.T) {
	backend := &echo{answer: func(*http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: 200, ContentLength: -1,
			Body: io.NopCloser(io.MultiReader(strings.NewReader("half"), failing{})),
		}, nil
	}}
	resp := send(t, http.MethodGet, newServer(t, backend).URL, map[string]string{
		TokenHeader: "secret", aws.CallHeader: (&aws.Call{Service: sqs}).MarshalHeader(),
	})
	if body, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("read %q without an error", body)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("disk gone") }

func TestTheRelayPassesBytesOn(t *testing.T) {
	var config net.ListenConfig
	target, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	go func() { // answers with what it got, once that has ended
		conn, err := target.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		all, _ := io.ReadAll(conn)
		fmt.Fprintf(conn, "got %s", all)
	}()
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	r := &relay{target: target.Addr().String(), log: slog.New(slog.DiscardHandler)}
	work.Go(func() { r.serve(ctx, listener) })
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "hello")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); err != nil || string(got) != "got hello" {
		t.Errorf("%q, %v", got, err)
	}
	_ = conn.Close()
	cancel()
	_ = listener.Close()
	work.Wait()
}

func TestTheRelayEndsOpenConnectionsWhenItStops(t *testing.T) {
	var config net.ListenConfig
	target, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	r := &relay{target: target.Addr().String(), log: slog.New(slog.DiscardHandler)}
	work.Go(func() { r.serve(ctx, listener) })
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := target.Accept(); err != nil {
		t.Fatal(err)
	}
	cancel()
	_ = listener.Close()
	work.Wait()
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := bufio.NewReader(conn).ReadByte(); err == nil {
		t.Error("the connection lives on")
	}
}

func query(t *testing.T, name string, kind dnsmessage.Type) []byte {
	t.Helper()
	message := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: 7, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET}},
	}
	packed, err := message.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return packed
}

func TestNamesOfTheGatewayResolveToTheRelay(t *testing.T) {
	if _, ok := ownAddress(); !ok {
		t.Skip("this machine has no address but loopback")
	}
	r := &resolver{names: []string{"localhost.localstack.cloud"}}
	for name, test := range map[string]struct {
		name    string
		kind    dnsmessage.Type
		answers int
	}{
		"the name":             {"localhost.localstack.cloud.", dnsmessage.TypeA, 1},
		"a name below":         {"b.s3.localhost.localstack.cloud.", dnsmessage.TypeA, 1},
		"in capitals":          {"B.LOCALHOST.localstack.cloud.", dnsmessage.TypeA, 1},
		"it has no IPv6":       {"localhost.localstack.cloud.", dnsmessage.TypeAAAA, 0},
		"nor mail to exchange": {"localhost.localstack.cloud.", dnsmessage.TypeMX, 0},
	} {
		packed, err := r.answer(t.Context(), "udp", query(t, test.name, test.kind))
		if err != nil {
			t.Fatal(err)
		}
		var answer dnsmessage.Message
		if err := answer.Unpack(packed); err != nil {
			t.Fatal(err)
		}
		if answer.ID != 7 || !answer.Response || answer.RCode != dnsmessage.RCodeSuccess || len(answer.Answers) != test.answers {
			t.Errorf("%s: %v", name, answer.GoString())
		}
	}
	if _, err := r.answer(t.Context(), "udp", query(t, "notlocalhost.localstack.cloud.", dnsmessage.TypeA)); err == nil {
		t.Error("a foreign name was answered without a resolver to ask")
	}
	for _, garbage := range [][]byte{nil, {1}, make([]byte, 12), []byte(strings.Repeat("x", 600))} {
		if _, err := r.answer(t.Context(), "udp", garbage); err == nil {
			t.Errorf("garbage of %d bytes was answered", len(garbage))
		}
	}
}
