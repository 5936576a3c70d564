package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/gen/model"
)

// The protocol vectors are the test data of botocore, which come from the Smithy protocol tests.
// They are read from LOCALCLOUD_VECTORS, else from beside the module.

// inputVector is a request: what a client is given, and what it sends.
type inputVector struct {
	ID         string          `json:"id"`
	Params     json.RawMessage `json:"params"`
	Serialized struct {
		Method  string            `json:"method"`
		URI     string            `json:"uri"`
		Body    string            `json:"body"`
		Headers map[string]string `json:"headers"`
		Require []string          `json:"requireHeaders"`
		Forbid  []string          `json:"forbidHeaders"`
		Host    string            `json:"host"`
	} `json:"serialized"`
}

// outputVector is an answer: what comes, and what a client makes of it.
type outputVector struct {
	ID       string          `json:"id"`
	Result   json.RawMessage `json:"result"`
	Error    json.RawMessage `json:"error"`
	Code     string          `json:"errorCode"`
	Message  string          `json:"errorMessage"`
	Response struct {
		Status  int               `json:"status_code"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	} `json:"response"`
}

func vectorFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("LOCALCLOUD_VECTORS")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "..", "shared", "reference", "protocol-vectors")
	}
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("vectors: not there (%v); set LOCALCLOUD_VECTORS to their folder", err)
	}
	return folder
}

// eachVector calls f with every vector that botocore does not leave out itself.
func eachVector(t *testing.T, direction string, f func(t *testing.T, protocol aws.Protocol, c model.Case) error) {
	folder := vectorFolder(t)
	ignored := readIgnored(t, folder, direction)
	files, err := filepath.Glob(filepath.Join(folder, direction, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors in %s: %v", folder, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		suites, err := model.Suites(data)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		for _, suite := range suites {
			for _, c := range suite.Cases {
				if ignored(name, suite.Description, c.ID) {
					continue
				}
				vectors.all++
				if err := f(t, c.Operation.Service.Protocols[0], c); err != nil {
					t.Errorf("%s %s: %v", name, c.ID, err)
					continue
				}
				vectors.good++
			}
		}
	}
}

// vectors counts those of all tests; TestMain prints them in one line.
var vectors struct{ good, all int }

func TestMain(m *testing.M) {
	code := m.Run()
	if vectors.all > 0 {
		fmt.Printf("vectors: %d of %d\n", vectors.good, vectors.all)
	}
	os.Exit(code)
}

// readIgnored reads botocore's list of vectors that it leaves out.
func readIgnored(t *testing.T, folder, direction string) func(file, suite, id string) bool {
	type cases struct{ Suites, Cases []string }
	var list struct {
		General   map[string]cases
		Protocols map[string]map[string]cases
	}
	data, err := os.ReadFile(filepath.Join(folder, "ignore-list.json"))
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	if err != nil {
		t.Fatal(err)
	}
	has := func(c cases, suite, id string) bool {
		for _, s := range c.Suites {
			if s == suite {
				return true
			}
		}
		for _, s := range c.Cases {
			if s == id {
				return true
			}
		}
		return false
	}
	return func(file, suite, id string) bool {
		return has(list.General[direction], suite, id) || has(list.Protocols[file][direction], suite, id)
	}
}

func TestServerDecodesRequestVectors(t *testing.T) {
	eachVector(t, "input", func(t *testing.T, protocol aws.Protocol, c model.Case) error {
		var v inputVector
		if err := json.Unmarshal(c.Raw, &v); err != nil {
			return err
		}
		req, call, err := v.request(c, protocol)
		if err != nil {
			return err
		}
		got := map[string]any{}
		if err := DecodeRequest(call, req, &got, Options{}); err != nil {
			return fmt.Errorf("decode %s: %w", v.Serialized.Body, err)
		}
		want := normal(c.Operation.Input(), asDocument(c.Operation.Input(), v.Params), true)
		return same(withoutUnsent(c, protocol, want), withoutUnsent(c, protocol, normal(c.Operation.Input(), got, true)))
	})
}

func (v *inputVector) request(c model.Case, protocol aws.Protocol) (*http.Request, *aws.Call, error) {
	body := []byte(v.Serialized.Body)
	if protocol == aws.RPCv2CBOR {
		var err error
		if body, err = base64.StdEncoding.DecodeString(v.Serialized.Body); err != nil {
			return nil, nil, err
		}
	}
	u, err := url.Parse("http://localhost" + v.Serialized.URI)
	if err != nil {
		return nil, nil, err
	}
	req := &http.Request{Method: v.Serialized.Method, URL: u, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}
	for name, value := range v.Serialized.Headers {
		req.Header.Set(name, value)
	}
	call := &aws.Call{Service: c.Operation.Service, Operation: c.Operation, Protocol: protocol, Path: u.EscapedPath(), RequestID: "requestid"}
	return req, call, nil
}

// asDocument makes a value of a vector a document: blobs are text there, times numbers.
func asDocument(shape *aws.Shape, raw json.RawMessage) map[string]any {
	if len(raw) == 0 || shape == nil {
		return map[string]any{}
	}
	var v any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil || v == nil {
		return map[string]any{}
	}
	return convert(shape, v).(map[string]any)
}

func convert(shape *aws.Shape, v any) any {
	if v == nil {
		return nil
	}
	switch shape.Kind {
	case aws.Structure:
		out := map[string]any{}
		m, _ := v.(map[string]any)
		for key, value := range m {
			if member := shape.Member(key); member != nil {
				out[key] = convert(member.Shape, value)
			}
		}
		return out
	case aws.List:
		out := []any{}
		for _, e := range v.([]any) {
			out = append(out, convert(shape.Elem.Shape, e))
		}
		return out
	case aws.Map:
		out := map[string]any{}
		for key, e := range v.(map[string]any) {
			out[key] = convert(shape.Elem.Shape, e)
		}
		return out
	case aws.Integer, aws.Long:
		n, _ := toInteger(v)
		return n
	case aws.Float, aws.Double:
		switch v {
		case "NaN":
			return math.NaN()
		case "Infinity":
			return math.Inf(1)
		case "-Infinity":
			return math.Inf(-1)
		}
		f, _ := toFloat(v)
		return f
	case aws.Blob:
		return []byte(v.(string))
	case aws.Timestamp:
		f, _ := toFloat(v)
		return fromEpoch(f)
	case aws.Document:
		return numbers(v)
	}
	return v
}

// numbers makes the numbers of a JSON value floats.
func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		f, _ := v.Float64()
		return f
	case map[string]any:
		for key := range v {
			v[key] = numbers(v[key])
		}
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	}
	return v
}

func TestClientEncodesRequestVectors(t *testing.T) {
	eachVector(t, "input", func(t *testing.T, protocol aws.Protocol, c model.Case) error {
		var v inputVector
		if err := json.Unmarshal(c.Raw, &v); err != nil {
			return err
		}
		req, err := EncodeRequest(c.Operation, protocol, "example.com", asDocument(c.Operation.Input(), v.Params))
		if err != nil {
			return err
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return err
		}
		want, _, err := v.request(c, protocol)
		if err != nil {
			return err
		}
		if req.Method != want.Method || v.Serialized.Host != "" && v.Serialized.Host != req.Host {
			return fmt.Errorf("got %s to %s, want %s to %s", req.Method, req.Host, want.Method, v.Serialized.Host)
		}
		if got, want := req.URL.EscapedPath(), want.URL.EscapedPath(); got != want {
			return fmt.Errorf("path %s, want %s", got, want)
		}
		if got, want := sortedQuery(req.URL.RawQuery), sortedQuery(want.URL.RawQuery); got != want {
			return fmt.Errorf("query %s, want %s", got, want)
		}
		for name, value := range v.Serialized.Headers {
			if got := strings.Join(req.Header.Values(name), ", "); !sameHeader(name, got, value) {
				return fmt.Errorf("header %s: got %q, want %q", name, got, value)
			}
		}
		for _, name := range v.Serialized.Forbid {
			if got := req.Header.Get(name); got != "" {
				return fmt.Errorf("header %s: %q, want none", name, got)
			}
		}
		wantBody, err := io.ReadAll(want.Body)
		if err != nil {
			return err
		}
		return sameBody(protocol, wantBody, body)
	})
}

func sortedQuery(query string) string {
	parts := strings.Split(query, "&")
	for i := range parts {
		parts[i] = strings.TrimSuffix(parts[i], "=")
	}
	slices.Sort(parts)
	return strings.Join(parts, "&")
}

func TestClientDecodesResponseVectors(t *testing.T) {
	eachVector(t, "output", func(t *testing.T, protocol aws.Protocol, c model.Case) error {
		var v outputVector
		if err := json.Unmarshal(c.Raw, &v); err != nil {
			return err
		}
		if strings.Contains(v.Response.Body, c.Operation.Name+"Result") {
			c.Operation.ResultWrapper = c.Operation.Name + "Result"
		}
		body := []byte(v.Response.Body)
		if protocol == aws.RPCv2CBOR {
			var err error
			if body, err = base64.StdEncoding.DecodeString(v.Response.Body); err != nil {
				return err
			}
		}
		resp := &http.Response{StatusCode: v.Response.Status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: -1}
		for name, value := range v.Response.Headers {
			resp.Header.Set(name, value)
		}
		got := map[string]any{}
		err := DecodeResponse(c.Operation, protocol, resp, &got)
		if v.Code == "" && v.Error == nil {
			if err != nil {
				return err
			}
			return same(normal(c.Operation.Output(), asDocument(c.Operation.Output(), v.Result), false), normal(c.Operation.Output(), got, false))
		}
		e := asAWS(err)
		if e == nil || e.Code != v.Code || e.Message != v.Message && v.Message != "" {
			return fmt.Errorf("got %w, want code %s and message %q", err, v.Code, v.Message)
		}
		if shape := c.Operation.Service.Exception(v.Code); shape != nil {
			return same(normal(shape, asDocument(shape, v.Error), false), normal(shape, e.Detail, false))
		}
		return nil
	})
}

// unsentAnswers are answers that clients have to understand but that no server of the model sends, so
// that nothing can be encoded to them. They are decoded like all others.
var unsentAnswers = map[string]string{
	"handles_unexpected_json_output":            "a member that the model does not have",
	"AwsJson10HandlesUnexpectedJsonOutput":      "a member that the model does not have",
	"InvalidGreetingError":                      "a member that the model does not have",
	"RpcV2CborPayloadWithUnsetUnion":            "members that the model does not have",
	"AwsJson11IntEnums":                         "a request header in an answer",
	"SimpleScalarPropertiesWithXMLPreamble":     "text between elements",
	"json_1_1_service_responds_with_no_payload": "an empty body where an object belongs",
}

// TestServerEncodesResponseVectors encodes the result of each answer and compares it with the one of
// the vector, then decodes both as a client.
func TestServerEncodesResponseVectors(t *testing.T) {
	eachVector(t, "output", func(t *testing.T, protocol aws.Protocol, c model.Case) error {
		var v outputVector
		if err := json.Unmarshal(c.Raw, &v); err != nil {
			return err
		}
		call := &aws.Call{Service: c.Operation.Service, Operation: c.Operation, Protocol: protocol, RequestID: "requestid"}
		if c.Operation.ResultWrapper == "" && c.Operation.Output() != nil {
			c.Operation.ResultWrapper = c.Operation.Name + "Result" // the vectors' models leave it out
		}
		for name, value := range v.Response.Headers {
			if strings.EqualFold(name, "x-amzn-requestid") {
				call.RequestID = value
			}
		}
		var resp *http.Response
		if v.Error != nil || v.Code != "" {
			e := &aws.Error{Code: v.Code, Message: v.Message}
			if shape := c.Operation.Service.Exception(v.Code); shape != nil {
				e.Detail = asDocument(shape, v.Error)
			}
			resp = EncodeError(call, nil, e)
		} else {
			var err error
			if resp, err = EncodeResponse(call, nil, asDocument(c.Operation.Output(), v.Result)); err != nil {
				return err
			}
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		if resp.StatusCode != v.Response.Status {
			return fmt.Errorf("status %d, want %d", resp.StatusCode, v.Response.Status)
		}
		if unsentAnswers[v.ID] != "" {
			return nil
		}
		if resp.ContentLength >= 0 {
			resp.Header.Set("Content-Length", strconv.FormatInt(resp.ContentLength, 10))
		}
		for name, want := range v.Response.Headers {
			if saysNothing(body) && strings.HasPrefix(name, "Content-") {
				continue
			}
			if got := strings.Join(resp.Header.Values(name), ", "); !sameHeader(name, got, want) {
				return fmt.Errorf("header %s: got %q, want %q", name, got, want)
			}
		}
		want := []byte(v.Response.Body)
		if protocol == aws.RPCv2CBOR {
			if want, err = base64.StdEncoding.DecodeString(v.Response.Body); err != nil {
				return err
			}
		}
		if v.Code != "" { // the code may be there as well, beside or instead of the header
			want = regexp.MustCompile(`"code": "[^"]*"`).ReplaceAll(want, nil)
		}
		return sameBody(protocol, want, body)
	})
}

// normal drops what protocols cannot tell apart: members that are null or, in requests, empty where
// there is no place for them; streams become bytes.
func normal(shape *aws.Shape, v any, request bool) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, e := range v {
			if shape != nil && shape.Kind == aws.Structure {
				member := shape.Member(key)
				if e == nil || member.Location == aws.InHeader && e == "" || isEmpty(e) && member.Location != aws.InBody {
					continue
				}
				out[key] = normal(member.Shape, e, request)
				continue
			}
			if shape != nil && shape.Kind == aws.Map {
				out[key] = normal(shape.Elem.Shape, e, request)
				continue
			}
			out[key] = normal(nil, e, request)
		}
		return out
	case []any:
		out := []any{}
		for _, e := range v {
			var elem *aws.Shape
			if shape != nil && shape.Elem != nil {
				elem = shape.Elem.Shape
			}
			out = append(out, normal(elem, e, request))
		}
		return out
	case io.Reader:
		b, _ := io.ReadAll(v)
		return b
	case time.Time:
		return v.UTC()
	case int64:
		if shape != nil && (shape.Kind == aws.Document || shape.Kind == aws.Structure) || shape == nil {
			return float64(v)
		}
	case float64:
		if shape != nil && shape.Kind == aws.Float {
			return float64(float32(v))
		}
	}
	return v
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// withoutUnsent drops the empty members of a request that its protocol has no way to send.
func withoutUnsent(c model.Case, protocol aws.Protocol, v any) any {
	if c.Operation.Input() == nil {
		return v
	}
	doc := v.(map[string]any)
	withoutBoundQuery(c.Operation.Input(), doc)
	for key, e := range doc {
		switch shape := c.Operation.Input().Member(key).Shape; {
		case !isEmpty(e):
		case protocol == aws.EC2, protocol == aws.Query && shape.Kind == aws.Map,
			protocol == aws.RestJSON && shape.Kind == aws.Structure && c.Operation.Input().Payload >= 0:
			delete(doc, key)
		}
	}
	return doc
}

// withoutBoundQuery drops the query parameters that have members of their own from the map of all of
// them, which clients and servers see differently.
func withoutBoundQuery(shape *aws.Shape, doc map[string]any) {
	for i := range shape.Members {
		all, isMap := doc[shape.Members[i].Name].(map[string]any)
		if !isMap || shape.Members[i].Location != aws.InQuery {
			continue
		}
		for j := range shape.Members {
			if shape.Members[j].Location == aws.InQuery {
				delete(all, shape.Members[j].WireName())
			}
		}
		if len(all) == 0 {
			delete(doc, shape.Members[i].Name)
		}
	}
}

func same(want, got any) error {
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })); diff != "" {
		return fmt.Errorf("-want +got\n%s", diff)
	}
	return nil
}
