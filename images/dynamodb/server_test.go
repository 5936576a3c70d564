package dynamodb_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/images/dynamodb"
	"localcloud/internal/clock"
)

// server is a backend behind plain HTTP: what the gateway knows of a call is read off its headers.
type server struct {
	*httptest.Server
	backend images.Native
	clock   *clock.Clock
}

func start(t testing.TB, settings map[string]string) *server {
	t.Helper()
	return startIn(t, t.TempDir(), false, settings)
}

func startIn(t testing.TB, dir string, persist bool, settings map[string]string) *server {
	t.Helper()
	s := &server{clock: new(clock.Clock)}
	var err error
	s.backend, err = dynamodb.New(images.Env{
		Dir: dir, Persist: persist, Clock: s.clock, Settings: settings, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewServer(handler(s.backend))
	t.Cleanup(func() {
		s.Server.Close()
		if err := s.backend.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// handler passes HTTP requests on as calls.
func handler(backend images.Native) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resp, err := backend.RoundTrip(r.WithContext(aws.WithCall(r.Context(), callOf(r))))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		for name, values := range resp.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(resp.StatusCode)
		io.Copy(w, resp.Body)
	})
}

func callOf(r *http.Request) *aws.Call {
	service, account, region := "dynamodb", "000000000000", "us-east-1"
	prefix, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if strings.HasPrefix(prefix, "DynamoDBStreams") {
		service = "dynamodbstreams"
	}
	if _, credential, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		parts := strings.Split(credential, "/")
		if len(parts) > 2 {
			region = parts[2]
			if len(parts[0]) == 12 {
				account = parts[0]
			}
		}
	}
	s := aws.Lookup(service)
	return &aws.Call{
		Service: s, Operation: s.Operation(operation), Protocol: aws.JSON10, Account: account, Region: region,
		RequestID: "test", Scheme: "http", Host: r.Host, Path: r.URL.EscapedPath(),
	}
}
