package wire_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
)

// The AWS SDK for Go is the other side: every operation of its clients is called with all members
// set. The server has to decode what the client was given, and the client what the server answers.
func TestEveryOperationWithTheSDK(t *testing.T) {
	var handler http.HandlerFunc
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler(w, r) }))
	defer server.Close()
	config := sdk.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		RetryMaxAttempts: 1, RequestChecksumCalculation: sdk.RequestChecksumCalculationWhenRequired,
	}
	for service, client := range map[string]any{
		"sqs": sqs.NewFromConfig(config), "sns": sns.NewFromConfig(config), "sts": sts.NewFromConfig(config),
		"dynamodb": dynamodb.NewFromConfig(config), "dynamodbstreams": dynamodbstreams.NewFromConfig(config), "ssm": ssm.NewFromConfig(config),
		"s3": s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }),
	} {
		for _, op := range aws.Lookup(service).Operations() {
			method := reflect.ValueOf(client).MethodByName(op.Name)
			if !method.IsValid() || skipped[service+":"+op.Name] != "" {
				continue
			}
			t.Run(service+"/"+op.Name, func(t *testing.T) {
				var got map[string]any
				out := reflect.New(method.Type().Out(0).Elem())
				fill(out.Elem(), 0)
				handler = func(w http.ResponseWriter, r *http.Request) {
					call := &aws.Call{Service: op.Service, Operation: op, Protocol: op.Service.Protocols[0], Path: r.URL.EscapedPath(), RequestID: "r"}
					got = map[string]any{}
					err := wire.DecodeRequest(call, r, &got, wire.Options{})
					if body, ok := got["Body"].(io.Reader); ok {
						got["Body"], _ = io.ReadAll(body)
					}
					if err != nil {
						t.Errorf("decode: %v", err)
					}
					resp, err := wire.EncodeResponse(call, r, document(op.Output(), out))
					if err != nil {
						t.Errorf("encode: %v", err)
						return
					}
					send(w, resp)
				}
				in := reflect.New(method.Type().In(1).Elem())
				fill(in.Elem(), 0)
				results := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
				if err, _ := results[1].Interface().(error); err != nil {
					t.Fatalf("the client: %v", err)
				}
				for _, e := range op.Errors() {
					handler = func(w http.ResponseWriter, r *http.Request) {
						call := &aws.Call{Service: op.Service, Operation: op, Protocol: op.Service.Protocols[0], RequestID: "r"}
						send(w, wire.EncodeError(call, r, aws.Errorf(e.Name, "told")))
					}
					err, _ := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), in})[1].Interface().(error)
					var told smithy.APIError
					if !errors.As(err, &told) || !isCode(e, told.ErrorCode()) && (told.ErrorCode() != "NotFound" || !strings.HasPrefix(op.Name, "Head")) {
						t.Errorf("error %s: the client has %v", e.Name, err)
					}
				}
				if err := agrees(op.Input(), in, got); err != nil {
					t.Errorf("request: %v", err)
				}
				if err := agrees(op.Output(), results[0], document(op.Output(), out)); err != nil {
					t.Errorf("answer: %v", err)
				}
			})
		}
	}
}

// isCode reports whether code is one of those that an exception has in its protocols.
func isCode(e *aws.Shape, code string) bool {
	return code == e.Name || code == e.Error.Code || code == e.Error.QueryCode
}

// skipped are operations that this test cannot drive, with the reason.
var skipped = map[string]string{
	"s3:SelectObjectContent":    "an event stream of the client's own",
	"s3:UpdateObjectEncryption": "a union of the client's own",
	"s3:WriteGetObjectResponse": "another host name",
	"s3:ListDirectoryBuckets":   "another host name",
	"s3:CreateSession":          "called by the client itself",
	"ssm:GetInventory":          "a recursive structure",
	"ssm:GetOpsSummary":         "a recursive structure",
}

func send(w http.ResponseWriter, resp *http.Response) {
	defer resp.Body.Close()
	for name, values := range resp.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(resp.StatusCode)
	io.Copy(w, resp.Body)
}

const filled = "abcdefgh-12"

var when = time.Unix(1700000000, 0).UTC()

// fill sets every field of a structure of the SDK.
func fill(v reflect.Value, depth int) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(when))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if depth < 12 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), depth)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() && f.Name != "ResultMetadata" && !strings.HasPrefix(f.Name, "Checksum") && !strings.HasPrefix(f.Name, "SSECustomer") && !strings.HasPrefix(f.Name, "CopySourceSSE") && !strings.HasPrefix(f.Name, "MessageSystemAttribute") && f.Name != "ContentMD5" && f.Name != "ContentLength" && f.Name != "MD5OfMessageBody" && f.Name != "MD5OfBody" && f.Name != "ExpiresString" {
				fill(v.Field(i), depth+1)
				if f.Name == "PartNumberMarker" || f.Name == "NextPartNumberMarker" { // a number in the model
					seven := "7"
					v.Field(i).Set(reflect.ValueOf(&seven))
				}
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(filled))
			return
		}
		if depth < 12 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), depth+1)
		}
	case reflect.Map:
		if depth < 12 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key, depth+1)
			fill(value, depth+1)
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(key, value)
		}
	case reflect.String:
		v.SetString(filled)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Interface:
		fillInterface(v)
	}
}

func fillInterface(v reflect.Value) {
	for _, candidate := range []any{
		&ddbtypes.AttributeValueMemberS{Value: filled}, &streamtypes.AttributeValueMemberS{Value: filled},
		&s3types.AnalyticsFilterMemberPrefix{Value: filled}, &s3types.MetricsFilterMemberPrefix{Value: filled}, strings.NewReader(filled), io.NopCloser(strings.NewReader(filled)),
	} {
		if reflect.TypeOf(candidate).Implements(v.Type()) {
			v.Set(reflect.ValueOf(candidate))
			return
		}
	}
}

// document is a structure of the SDK as a document of a shape.
func document(shape *aws.Shape, v reflect.Value) map[string]any {
	doc := map[string]any{}
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	for i := 0; shape != nil && i < len(shape.Members); i++ {
		m := &shape.Members[i]
		f := v.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, m.Name) })
		if f.IsValid() {
			if value := value(m.Shape, f); value != nil {
				doc[m.Name] = value
			}
		}
	}
	return doc
}

func value(shape *aws.Shape, v reflect.Value) any {
	if r, ok := v.Interface().(io.Reader); ok {
		return r
	}
	if isUnion(v) {
		if v.IsNil() {
			return nil
		}
		member := strings.SplitN(v.Elem().Elem().Type().Name(), "Member", 2)[1]
		return map[string]any{member: v.Elem().Elem().Field(0).Interface()}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return value(shape, v.Elem())
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			if shape.Kind == aws.String {
				return at.Format(http.TimeFormat)
			}
			return at
		}
		return document(shape, v)
	case reflect.Slice:
		if v.IsNil() || v.Len() == 0 {
			return nil
		}
		if b, ok := v.Interface().([]byte); ok {
			return b
		}
		list := []any{}
		for i := range v.Len() {
			list = append(list, value(shape.Elem.Shape, v.Index(i)))
		}
		return list
	case reflect.Map:
		if v.IsNil() || v.Len() == 0 {
			return nil
		}
		m := map[string]any{}
		for _, key := range v.MapKeys() {
			m[key.String()] = value(shape.Elem.Shape, v.MapIndex(key))
		}
		return m
	case reflect.String:
		if v.String() == "" {
			return nil
		}
		if shape.Kind == aws.Integer {
			return int64(7)
		}
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Float32, reflect.Float64:
		return v.Float()
	}
	return nil
}

func isUnion(v reflect.Value) bool { return v.Kind() == reflect.Interface && v.NumMethod() == 1 }

// agrees reports where a document lacks what a structure of the SDK has.
func agrees(shape *aws.Shape, v reflect.Value, got map[string]any) error {
	return contains(document(shape, v), got, "")
}

func contains(want, got any, path string) error {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is %T", path, got)
		}
		for key := range w {
			if path == "" && (key == "Body" || key == "ContentLength") {
				continue
			}
			if err := contains(w[key], g[key], path+"."+key); err != nil {
				return err
			}
		}
		return nil
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Errorf("%s is %v, want %v", path, got, want)
		}
		for i := range w {
			if err := contains(w[i], g[i], fmt.Sprint(path, i)); err != nil {
				return err
			}
		}
		return nil
	case []byte:
		if g, ok := got.([]byte); !ok || !bytes.Equal(w, g) {
			return fmt.Errorf("%s is %v, want %q", path, got, w)
		}
		return nil
	case time.Time:
		if g, ok := got.(time.Time); !ok || !g.Equal(w) {
			return fmt.Errorf("%s is %v, want %v", path, got, w)
		}
		return nil
	case nil:
		return nil
	}
	if got != want {
		return fmt.Errorf("%s is %#v, want %#v", path, got, want)
	}
	return nil
}
