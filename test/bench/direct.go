package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/images/catalog"
	"localcloud/internal/clock"
)

// direct serves native backends without the gateway: nothing but a look at the target or action
// stands between net/http and the backend. The difference to localcloud is what the gateway costs.
type direct struct {
	backends map[string]images.Native // by signing name
	services map[string]*aws.Service
	targets  map[string]*aws.Operation
}

// newDirect starts a backend for each native image of the catalog.
func newDirect(*json.Decoder) (http.Handler, error) {
	d := &direct{backends: make(map[string]images.Native), services: make(map[string]*aws.Service), targets: make(map[string]*aws.Operation)}
	for _, image := range catalog.Images() {
		if image.New == nil {
			continue
		}
		dir, err := os.MkdirTemp("", "direct")
		if err != nil {
			return nil, err
		}
		backend, err := image.New(images.Env{Dir: dir, Log: slog.New(slog.DiscardHandler), Clock: new(clock.Clock)})
		if err != nil {
			return nil, fmt.Errorf("start %s: %w", image.Name, err)
		}
		for _, name := range image.Services {
			service := aws.Lookup(name)
			d.backends[name], d.services[service.SigningName] = backend, service
			for _, operation := range service.Operations() {
				d.targets[service.TargetPrefix+"."+operation.Name] = operation
			}
		}
	}
	return d, nil
}

// ServeHTTP hands a request to its backend.
func (d *direct) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call, body := d.call(r)
	backend := d.backends[call.Service.Name]
	if backend == nil || call.Operation == nil {
		http.Error(w, "no such operation", http.StatusNotFound)
		return
	}
	r = r.WithContext(aws.WithCall(r.Context(), call))
	if body != "" {
		r.Body = io.NopCloser(strings.NewReader(body))
	}
	resp, err := backend.RoundTrip(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer resp.Body.Close()
	header := w.Header()
	for name, values := range resp.Header {
		header[name] = values
	}
	if resp.ContentLength >= 0 {
		header["Content-Length"] = []string{strconv.FormatInt(resp.ContentLength, 10)}
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body) // the load generator counts what it misses
}

// call is the call that a request of package load makes, and the body where that had to be read.
func (d *direct) call(r *http.Request) (*aws.Call, string) {
	call := &aws.Call{
		Account: aws.DefaultAccount, Region: aws.DefaultRegion, RequestID: "direct", Scheme: "http", Host: r.Host, Path: r.URL.EscapedPath(),
	}
	if operation := d.targets[r.Header.Get("X-Amz-Target")]; operation != nil {
		call.Service, call.Operation, call.Protocol = operation.Service, operation, aws.JSON10
		return call, ""
	}
	scope := strings.Split(r.Header.Get("Authorization"), "/")
	call.Service = d.services[scope[min(3, len(scope)-1)]]
	if call.Service == nil {
		call.Service = new(aws.Service)
		return call, ""
	}
	call.Protocol = call.Service.Protocols[0]
	if call.Service.Name == "s3" {
		call.Operation = call.Service.Operation(map[string]string{"GET": "GetObject", "PUT": "PutObject"}[r.Method])
		if strings.Count(call.Path, "/") == 1 {
			call.Operation = call.Service.Operation("CreateBucket")
		}
		return call, ""
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return call, ""
	}
	action, _, _ := strings.Cut(strings.TrimPrefix(string(body), "Action="), "&")
	call.Operation, call.Protocol = call.Service.Operation(action), aws.Query
	return call, string(body)
}
