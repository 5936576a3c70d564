package orchestrator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// fake is a runtime in memory.
type fake struct {
	started atomic.Int32
	pulling chan struct{} // Pull waits for it; nil: nothing to pull
	fail    error         // of Start
	mu      sync.Mutex
	live    []*fakeInstance
}

var (
	_ Runtime = (*fake)(nil)
	_ Puller  = (*fake)(nil)
)

func (f *fake) Name() string                                { return "fake" }
func (f *fake) Observe(context.Context) ([]Observed, error) { return nil, nil }
func (f *fake) Remove(context.Context, Observed) error      { return nil }

func (f *fake) Takes(image *images.Image) error {
	if image.Reference == "" {
		return errors.New("it is not installed")
	}
	return nil
}

func (f *fake) Pull(ctx context.Context, image *images.Image, progress func(Progress)) error {
	if f.pulling == nil {
		return nil
	}
	progress(Progress{State: Pulling, Text: image.Reference, Done: 40, Total: 100})
	select {
	case <-f.pulling:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fake) Start(_ context.Context, spec Spec, _ func(Progress)) (Instance, error) {
	n := f.started.Add(1)
	if f.fail != nil {
		return nil, f.fail
	}
	i := &fakeInstance{name: fmt.Sprintf("%s %d", spec.Name, n), done: make(chan struct{}), gate: make(chan struct{})}
	f.mu.Lock()
	f.live = append(f.live, i)
	f.mu.Unlock()
	return i, nil
}

// running lists the instances that have not been stopped.
func (f *fake) running() (names []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, i := range f.live {
		select {
		case <-i.done:
		default:
			names = append(names, i.name)
		}
	}
	slices.Sort(names)
	return names
}

// fakeInstance answers with its name; /slow waits for gate.
type fakeInstance struct {
	name string
	done chan struct{}
	gate chan struct{}
	once sync.Once
}

func (i *fakeInstance) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Path == "/slow" {
		<-i.gate
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(i.name))}, nil
}

func (i *fakeInstance) Address() string       { return "" }
func (i *fakeInstance) Done() <-chan struct{} { return i.done }
func (i *fakeInstance) Logs(context.Context, LogOptions) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("the last line\n")), nil
}

func (i *fakeInstance) Stop(context.Context) error {
	i.once.Do(func() { close(i.done) })
	return nil
}

func service(name string, operations ...string) *aws.Service {
	s := &aws.Service{Name: name, SigningName: name}
	var list []*aws.Operation
	for _, operation := range operations {
		list = append(list, &aws.Operation{Name: operation})
	}
	s.SetOperations(list)
	return s
}

var (
	ssm = service("ssm", "GetParameter", "SendCommand", "ListNodes")
	sqs = service("sqs", "SendMessage")
	s3  = service("s3", "GetObject")
)

func open(t *testing.T, runtime Runtime) *Orchestrator {
	t.Helper()
	o := New(Config{Project: "test", Runtimes: []Runtime{runtime}, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		if err := o.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return o
}

func up(t *testing.T, o *Orchestrator, desired Desired) {
	t.Helper()
	plan, err := o.Plan(t.Context(), desired)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Run(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
}

func call(t *testing.T, o *Orchestrator, service *aws.Service, account, path string) (string, error) {
	t.Helper()
	backend, err := o.Backend(t.Context(), service, "GetParameter", account, aws.DefaultRegion)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://backend"+path, nil)
	if err != nil {
		return "", err
	}
	resp, err := backend.RoundTrip(req)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(resp.Body)
	return string(body), errors.Join(err, resp.Body.Close())
}

func image(name string) *images.Image {
	return &images.Image{Name: name, Reference: name + ":1"}
}

func TestCallersOfAStartShareIt(t *testing.T) {
	runtime := &fake{}
	o := open(t, runtime)
	up(t, o, Desired{Images: map[string]*images.Image{"*": image("moto")}})
	var work sync.WaitGroup
	for range 50 {
		work.Go(func() {
			if got, err := call(t, o, ssm, "1", "/"); got != "moto 1" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	work.Wait()
	if n := runtime.started.Load(); n != 1 {
		t.Errorf("started %d times", n)
	}
}

func TestCallsGetTheProgressWhileAnImageIsPulled(t *testing.T) {
	runtime := &fake{pulling: make(chan struct{})}
	o := open(t, runtime)
	up(t, o, Desired{Images: map[string]*images.Image{"*": image("moto")}})
	_, err := call(t, o, ssm, "1", "/")
	var refusal *aws.Error
	if !errors.As(err, &refusal) || refusal.Status != 503 || !strings.HasSuffix(refusal.Message, "pulling moto:1, 40 %") {
		t.Errorf("while pulling: %v", err)
	}
	close(runtime.pulling)
	for {
		if got, err := call(t, o, ssm, "1", "/"); err == nil {
			if got != "moto 1" {
				t.Errorf("after pulling: %q", got)
			}
			return
		}
	}
}

func TestAFailedStartIsTriedAgainAfterAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runtime := &fake{fail: errors.New("no space left")}
		o := open(t, runtime)
		up(t, o, Desired{Images: map[string]*images.Image{"*": image("moto")}})
		for range 3 {
			_, err := call(t, o, ssm, "1", "/")
			var refusal *aws.Error
			if !errors.As(err, &refusal) || refusal.Status != 503 || !strings.Contains(refusal.Message, "moto is not available: no space left") {
				t.Errorf("error %v", err)
			}
		}
		if n := runtime.started.Load(); n != 1 {
			t.Errorf("started %d times at once", n)
		}
		time.Sleep(failurePause)
		runtime.fail = nil
		if got, err := call(t, o, ssm, "1", "/"); err != nil || got != "moto 2" {
			t.Errorf("after the pause: %q, %v", got, err)
		}
	})
}

func TestRefusals(t *testing.T) {
	moto := image("moto")
	moto.Missing, moto.Effects = []string{"ssm:List*"}, []string{"ssm:SendCommand"}
	desired := Desired{Images: map[string]*images.Image{"*": moto, "s3": nil}}
	tests := map[string]struct {
		change    func(*Desired)
		service   *aws.Service
		operation string
		want      string // part of the message; "" for no refusal
	}{
		"an ordinary operation":                         {nil, ssm, "GetParameter", ""},
		"an unknown operation is the backend's to tell": {nil, ssm, "", ""},
		"an operation that the backend lacks":           {nil, ssm, "ListNodes", "ListNodes of ssm is not supported by the backend moto"},
		"an effect in another service":                  {nil, ssm, "SendCommand", "its effect lies in other services"},
		"an effect that glue performs":                  {func(d *Desired) { d.Performed = []string{"ssm:*"} }, ssm, "SendCommand", ""},
		"a service without a backend":                   {func(d *Desired) { delete(d.Images, "*") }, sqs, "SendMessage", "choose one with --backend sqs="},
		"a service with none on purpose":                {nil, s3, "GetObject", "choose one with --backend s3="},
		"a service that strict leaves out":              {func(d *Desired) { d.Strict, d.Start = true, []string{"ssm"} }, sqs, "SendMessage", "sqs is not enabled"},
		"a backend that is not installed":               {func(d *Desired) { d.Images["sqs"] = &images.Image{Name: "elasticmq"} }, sqs, "SendMessage", "elasticmq cannot run here: it is not installed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := desired
			d.Images = map[string]*images.Image{"*": moto, "s3": nil}
			if test.change != nil {
				test.change(&d)
			}
			o := open(t, &fake{})
			up(t, o, d)
			_, err := o.Backend(t.Context(), test.service, test.operation, "1", "us-east-1")
			if test.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			var refusal *aws.Error
			if !errors.As(err, &refusal) || refusal.Status != 501 || !strings.Contains(refusal.Message, test.want) {
				t.Errorf("%v, want a 501 with %q", err, test.want)
			}
			if code := map[bool]string{true: "NotImplemented", false: "InternalFailure"}[test.service == s3]; refusal != nil && refusal.Code != code {
				t.Errorf("code %s, want %s", refusal.Code, code)
			}
		})
	}
}

func TestOneInstanceForEachAccountAndRegion(t *testing.T) {
	runtime := &fake{}
	o := open(t, runtime)
	elastic := image("elasticmq")
	elastic.Account.Instance = true
	up(t, o, Desired{Images: map[string]*images.Image{"sqs": elastic}})
	for _, account := range []string{"1", "2", "1"} {
		if _, err := call(t, o, sqs, account, "/"); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"elasticmq-1-us-east-1 1", "elasticmq-2-us-east-1 2"}
	if got := runtime.running(); !slices.Equal(got, want) {
		t.Errorf("running %q, want %q", got, want)
	}
}

func TestInstancesAreBounded(t *testing.T) {
	runtime := &fake{}
	o := open(t, runtime)
	elastic := image("elasticmq")
	elastic.Account.Instance = true
	up(t, o, Desired{Images: map[string]*images.Image{"sqs": elastic}})
	var last error
	for i := range maxInstances + 1 {
		if last != nil {
			t.Fatal(last)
		}
		_, last = call(t, o, sqs, strconv.Itoa(i), "/")
	}
	var refusal *aws.Error
	if !errors.As(last, &refusal) || refusal.Status != 503 {
		t.Errorf("one too many: %v, want a 503", last)
	}
}

func TestAChangeReplacesOneBackendAndLeavesTheOthers(t *testing.T) {
	runtime := &fake{}
	o := open(t, runtime)
	moto, elastic := image("moto"), image("elasticmq")
	up(t, o, Desired{Images: map[string]*images.Image{"*": moto, "sqs": elastic}, Start: []string{"ssm", "sqs"}})
	before := runtime.running()

	slow := make(chan string)
	go func() {
		got, err := call(t, o, sqs, "1", "/slow")
		slow <- fmt.Sprint(got, err)
	}()
	for o.backends.Load().all()[0].current.Load().calls.Load() == 0 { // until it is in flight
	}
	changed := *elastic
	changed.Reference = "elasticmq:2"
	done := make(chan struct{})
	go func() {
		defer close(done)
		up(t, o, Desired{Images: map[string]*images.Image{"*": moto, "sqs": &changed}, Start: []string{"ssm", "sqs"}})
	}()
	next := make(chan string)
	runtime.mu.Lock()
	i := slices.IndexFunc(runtime.live, func(i *fakeInstance) bool { return strings.HasPrefix(i.name, "elasticmq") })
	gate := runtime.live[i].gate
	runtime.mu.Unlock()
	go func() {
		got, err := call(t, o, sqs, "1", "/")
		next <- fmt.Sprint(got, err)
	}()
	close(gate)
	<-done
	after := runtime.running()
	if len(after) != 2 || !slices.ContainsFunc(before, func(name string) bool { return strings.HasPrefix(name, "moto") && slices.Contains(after, name) }) {
		t.Errorf("running before %q, after %q", before, after)
	}
	if got := <-slow; !strings.Contains(before[0], strings.TrimSuffix(got, "<nil>")) {
		t.Errorf("the call in flight got %s, want one of %q", got, before)
	}
	if got := <-next; !strings.HasSuffix(got, "<nil>") {
		t.Errorf("a call during the change: %s", got)
	}
}

func TestADiedBackendStartsAgain(t *testing.T) {
	runtime := &fake{}
	o := open(t, runtime)
	up(t, o, Desired{Images: map[string]*images.Image{"*": image("moto")}})
	if _, err := call(t, o, ssm, "1", "/"); err != nil {
		t.Fatal(err)
	}
	slot := o.backends.Load().all()[0]
	first := slot.current.Load()
	_ = runtime.live[0].Stop(t.Context())
	<-first.left
	if got, err := call(t, o, ssm, "1", "/"); err != nil || got != "moto 2" {
		t.Errorf("after its end: %q, %v", got, err)
	}
	// A call that was handed the first one goes to the second.
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://backend/", nil)
	first.drain(t.Context(), time.Second)
	resp, err := first.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(resp.Body); string(body) != "moto 2" {
		t.Errorf("the late call got %q", body)
	}
}

func TestImagesOfConfiguredBackendsAreFetchedAtOnce(t *testing.T) {
	runtime := &fake{pulling: make(chan struct{})}
	events := make(chan Event, 10)
	o := New(Config{Runtimes: []Runtime{runtime}, Log: slog.New(slog.DiscardHandler), Events: func(e Event) { events <- e }})
	done := make(chan struct{})
	go func() {
		defer close(done)
		up(t, o, Desired{Images: map[string]*images.Image{"sqs": image("elasticmq")}, Fetch: []string{"sqs"}})
	}()
	if e := <-events; e.String() != "elasticmq: pulling elasticmq:1, 40 %" {
		t.Errorf("event %q", e)
	}
	close(runtime.pulling)
	<-done
	if n := runtime.started.Load(); n != 0 {
		t.Errorf("started %d", n)
	}
	if err := o.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestStoppedOrchestratorsRefuse(t *testing.T) {
	runtime := &fake{}
	o := open(t, runtime)
	up(t, o, Desired{Images: map[string]*images.Image{"*": image("moto")}, Start: []string{"ssm"}})
	if err := o.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := runtime.running(); len(left) > 0 {
		t.Errorf("still running: %q", left)
	}
	_, err := call(t, o, ssm, "1", "/")
	var refusal *aws.Error
	if !errors.As(err, &refusal) || refusal.Status != 503 {
		t.Errorf("error %v, want a 503", err)
	}
}

func TestResetRestartsWhatCannotForget(t *testing.T) {
	runtime := &fake{}
	o := open(t, runtime)
	up(t, o, Desired{Images: map[string]*images.Image{"*": image("moto")}, Start: []string{"ssm"}})
	if err := o.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := call(t, o, ssm, "1", "/"); err != nil || got != "moto 2" {
		t.Errorf("after a reset: %q, %v", got, err)
	}
}

func BenchmarkBackend(b *testing.B) {
	o := New(Config{Runtimes: []Runtime{&fake{}}, Log: slog.New(slog.DiscardHandler)})
	plan, err := o.Plan(b.Context(), Desired{Images: map[string]*images.Image{"*": image("moto")}, Start: []string{"ssm"}})
	if err != nil {
		b.Fatal(err)
	}
	if err := o.Run(b.Context(), plan); err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.Backend(ctx, ssm, "GetParameter", "1", "us-east-1"); err != nil {
			b.Fatal(err)
		}
	}
	_ = o.Stop(ctx)
}
