package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/google/go-cmp/cmp"

	"localcloud/gateway/aws"
)

// The structures of SelectObjectContent, as they are generated.
type (
	selectOutput struct {
		Payload iter.Seq2[selectEvent, error]
	}
	selectEvent struct {
		Records *recordsEvent
		Stats   *statsEvent
		Cont    *struct{}
		End     *struct{}
	}
	recordsEvent struct{ Payload []byte }
	statsEvent   struct{ Details *stats }
	stats        struct{ BytesReturned *int64 }
)

func eventCall(service, operation string) *aws.Call {
	s := aws.Lookup(service)
	return &aws.Call{Service: s, Operation: s.Operation(operation), Protocol: s.Protocols[0], RequestID: "r"}
}

func TestEventStreamsOfStructures(t *testing.T) {
	call := eventCall("s3", "SelectObjectContent")
	stream := func(yield func(selectEvent, error) bool) {
		if !yield(selectEvent{Records: &recordsEvent{Payload: []byte("a,b\n")}}, nil) {
			return
		}
		n := int64(4)
		if !yield(selectEvent{Stats: &statsEvent{Details: &stats{BytesReturned: &n}}}, nil) {
			return
		}
		yield(selectEvent{End: &struct{}{}}, nil)
	}
	resp, err := EncodeResponse(call, nil, &selectOutput{Payload: stream})
	if err != nil {
		t.Fatal(err)
	}
	var out selectOutput
	if err := DecodeResponse(call.Operation, call.Protocol, resp, &out); err != nil {
		t.Fatal(err)
	}
	var got []selectEvent
	for event, err := range out.Payload {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, event)
	}
	n := int64(4)
	want := []selectEvent{
		{Records: &recordsEvent{Payload: []byte("a,b\n")}},
		{Stats: &statsEvent{Details: &stats{BytesReturned: &n}}},
		{End: &struct{}{}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}

func TestEventStreamsOfDocumentsWithErrors(t *testing.T) {
	call := eventCall("kinesis", "SubscribeToShard")
	at := time.UnixMilli(1700000000123).UTC()
	event := map[string]any{"SubscribeToShardEvent": map[string]any{
		"ContinuationSequenceNumber": "7", "MillisBehindLatest": int64(0),
		"Records": []any{map[string]any{"Data": []byte{0, 1}, "PartitionKey": "p", "SequenceNumber": "1", "ApproximateArrivalTimestamp": at}},
	}}
	stream := iter.Seq2[map[string]any, error](func(yield func(map[string]any, error) bool) {
		if yield(event, nil) {
			yield(nil, aws.Errorf("ResourceInUseException", "busy"))
		}
	})
	resp, err := EncodeResponse(call, nil, map[string]any{"EventStream": stream})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	out := map[string]any{}
	if err := DecodeResponse(call.Operation, call.Protocol, resp, &out); err != nil {
		t.Fatal(err)
	}
	count := 0
	for got, err := range out["EventStream"].(iter.Seq2[map[string]any, error]) {
		count++
		if count == 1 {
			if diff := cmp.Diff(event, got); diff != "" || err != nil {
				t.Errorf("%v -want +got\n%s", err, diff)
			}
			continue
		}
		var e *aws.Error
		if !errors.As(err, &e) || e.Code != "ResourceInUseException" || e.Message != "busy" {
			t.Errorf("got error %v", err)
		}
	}
	if count != 2 {
		t.Errorf("%d events, want 2", count)
	}
}

// The SDK's own coder of frames is the oracle.
func TestFramesAreThoseOfTheSDK(t *testing.T) {
	at := time.UnixMilli(1700000000123).UTC()
	f := frame{payload: []byte("hello")}
	for _, h := range []frameHeader{{"s", "text"}, {"t", true}, {"f", false}, {"i", int64(-5)}, {"l", int64(1) << 40}, {"b", []byte{1, 2}}, {"at", at}} {
		f.set(h.name, h.value)
	}
	b, err := f.append(nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := eventstream.NewDecoder().Decode(bytes.NewReader(b), nil)
	if err != nil {
		t.Fatal(err)
	}
	if string(m.Payload) != "hello" || m.Headers.Get("s").Get() != "text" || m.Headers.Get("i").Get() != int32(-5) || m.Headers.Get("l").Get() != int64(1)<<40 {
		t.Errorf("got %v", m)
	}
	var out bytes.Buffer
	if err := eventstream.NewEncoder().Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	got, err := readFrame(&out)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f.headers, got.headers, cmp.AllowUnexported(frameHeader{})); diff != "" || string(got.payload) != "hello" {
		t.Errorf("-want +got\n%s", diff)
	}
	for i := range b {
		damaged := bytes.Clone(b)
		damaged[i] ^= 0x40
		if _, err := readFrame(bytes.NewReader(damaged)); err == nil {
			t.Errorf("a frame with byte %d changed was taken", i)
		}
		if _, err := readFrame(bytes.NewReader(b[:i])); err == nil || i > 0 && errors.Is(err, io.EOF) {
			t.Errorf("a frame cut at %d: %v", i, err)
		}
	}
}

func TestAClosedEventStreamEndsItsProducer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	call := eventCall("s3", "SelectObjectContent")
	stream := func(yield func(selectEvent, error) bool) {
		defer cancel()
		for yield(selectEvent{Cont: &struct{}{}}, nil) {
		}
	}
	resp, err := EncodeResponse(call, nil, &selectOutput{Payload: stream})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(resp.Body, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	<-ctx.Done()
}
