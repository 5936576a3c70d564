package gateway

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"localcloud/gateway/aws"
)

func TestEachCallHasOneLine(t *testing.T) {
	var lines strings.Builder
	log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	fails := false
	g := New(Config{Log: log, Backends: backends(native(func(*http.Request) (*http.Response, error) {
		if fails {
			return nil, errors.New("gone")
		}
		return text(200, ""), nil
	}))})
	do := func(service, operation string) {
		call := &Call{Request: newRequest(t, "POST", "/")}
		call.Account, call.Region = "111122223333", "eu-west-1"
		if service != "" {
			call.Service = aws.Lookup(service)
			call.Operation = call.Service.Operation(operation)
		}
		resp, err := g.Do(context.Background(), call)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	do("sqs", "SendMessage")
	do("sqs", "SendMessage")
	do("", "")
	fails = true
	do("sns", "Publish")
	const id = `request=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
	want := []string{
		`level=INFO msg=call service=sqs operation=SendMessage backend=fake account=111122223333 region=eu-west-1 ` + id + ` status=200 took=\S+$`,
		`level=INFO msg=call service=sqs operation=SendMessage backend=fake account=111122223333 region=eu-west-1 ` + id + ` status=200 took=\S+$`,
		`level=DEBUG msg=call service="" operation="" backend=fake .* status=200 took=\S+$`,
		`level=WARN msg=call service=sns operation=Publish backend=fake .* status=503 took=\S+ error=gone$`,
	}
	got := strings.Split(strings.TrimSuffix(lines.String(), "\n"), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d lines:\n%s", len(got), lines.String())
	}
	for i := range want {
		if !regexp.MustCompile(want[i]).MatchString(got[i]) {
			t.Errorf("line %d is %s, want %s", i, got[i], want[i])
		}
	}
}

func TestWhatLinesHaveInCommonIsBounded(t *testing.T) {
	l := callLog{handler: slog.NewTextHandler(io.Discard, nil)}
	for i := range 3 * maxCommon {
		call := new(Call)
		call.Account = string(rune(i))
		l.of(call)
	}
	if n := l.size.Load(); n > maxCommon {
		t.Errorf("%d handlers are remembered", n)
	}
}

func BenchmarkLog(b *testing.B) {
	l := callLog{handler: slog.NewTextHandler(io.Discard, nil)}
	call := new(Call)
	call.Service = aws.Lookup("sqs")
	call.Operation, call.RequestID = call.Service.Operation("SendMessage"), newRequestID()
	call.Account, call.Region, call.backend = aws.DefaultAccount, aws.DefaultRegion, "sqs"
	b.ReportAllocs()
	for b.Loop() {
		l.write(context.Background(), call, 200)
	}
}
