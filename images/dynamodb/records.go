package dynamodb

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/engine"
)

// Limits of streams.
const (
	maxStreams      = 100
	maxShards       = 100
	maxRecords      = 1000
	maxRecordsBytes = 1 << 20
	iteratorLife    = 15 * time.Minute
)

func noStream(arn string) *aws.Error {
	return aws.Errorf("ResourceNotFoundException", "Requested resource not found: Stream: %s not found", arn)
}

func (b *Backend) listStreams(ctx context.Context, in *ListStreamsInput) (*ListStreamsOutput, error) {
	call := aws.CallFrom(ctx)
	limit := maxStreams
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	p, name := placeOf(call), ""
	if in.TableName != nil {
		var err error
		if p, name, err = parseTableName(call, *in.TableName); err != nil {
			return nil, err
		}
	}
	streams, more := b.streamsIn(p, name, deref(in.ExclusiveStartStreamArn), limit)
	out := &ListStreamsOutput{Streams: []Stream{}}
	for _, s := range streams {
		out.Streams = append(out.Streams, Stream{StreamArn: ptr(s.arn()), TableName: &s.Table, StreamLabel: &s.Label})
	}
	if more {
		out.LastEvaluatedStreamArn = out.Streams[len(out.Streams)-1].StreamArn
	}
	return out, nil
}

func (b *Backend) describeStream(ctx context.Context, in *DescribeStreamInput) (*DescribeStreamOutput, error) {
	s := b.findStream(ctx, in.StreamArn)
	if s == nil {
		return nil, noStream(in.StreamArn)
	}
	shards := s.engine.Shards(b.now())
	if f := in.ShardFilter; f != nil {
		shards = s.children(shards, deref(f.ShardId))
	}
	d := &StreamDescription{
		StreamArn: &in.StreamArn, StreamLabel: &s.Label, StreamStatus: ptr(StreamStatusEnabled), StreamViewType: &s.View,
		CreationRequestDateTime: &s.Created, TableName: &s.Table, KeySchema: s.KeySchema, Shards: []Shard{},
	}
	if !s.Closed.IsZero() {
		d.StreamStatus = ptr(StreamStatusDisabled)
	}
	limit := maxShards
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	behind := in.ExclusiveStartShardId == nil
	for _, shard := range shards {
		id := s.shardID(shard)
		if !behind {
			behind = id == *in.ExclusiveStartShardId
			continue
		}
		if len(d.Shards) == limit {
			d.LastEvaluatedShardId = d.Shards[limit-1].ShardId
			break
		}
		d.Shards = append(d.Shards, s.describeShard(shard, shards))
	}
	return &DescribeStreamOutput{StreamDescription: d}, nil
}

func (s *tableStream) describeShard(shard engine.StreamShard, all []engine.StreamShard) Shard {
	out := Shard{ShardId: ptr(s.shardID(shard)), SequenceNumberRange: &SequenceNumberRange{StartingSequenceNumber: ptr(sequence(shard.First))}}
	if shard.Last != 0 {
		out.SequenceNumberRange.EndingSequenceNumber = ptr(sequence(shard.Last))
	}
	for _, parent := range all {
		if parent.Number == shard.Number-1 {
			out.ParentShardId = ptr(s.shardID(parent))
		}
	}
	return out
}

// children are the shards whose parent has that id.
func (s *tableStream) children(shards []engine.StreamShard, id string) []engine.StreamShard {
	for i, shard := range shards {
		if s.shardID(shard) == id {
			return shards[i+1 : min(i+2, len(shards))]
		}
	}
	return nil
}

func (s *tableStream) shardID(shard engine.StreamShard) string {
	sum := md5.Sum(fmt.Appendf(nil, "%d/%d", s.ID, shard.Number))
	return fmt.Sprintf("shardId-%020d-%s", shard.Created.UnixMilli(), hex.EncodeToString(sum[:4]))
}

// sequence is a sequence number as clients see it: 21 digits.
func sequence(n uint64) string { return fmt.Sprintf("1%020d", n) }

func parseSequence(text string) (uint64, bool) {
	if len(text) != 21 || text[0] != '1' {
		return 0, false
	}
	n, err := strconv.ParseUint(text[1:], 10, 64)
	return n, err == nil
}

// iterator is a place in a shard.
type iterator struct {
	arn    string
	shard  int
	next   uint64
	issued time.Time
}

func (i iterator) String() string {
	place := fmt.Sprintf("%d|%d|%d", i.shard, i.next, i.issued.UnixMilli())
	return i.arn + "|1|" + base64.StdEncoding.EncodeToString([]byte(place))
}

func parseIterator(text string) (i iterator, ok bool) {
	parts := strings.Split(text, "|")
	if len(parts) != 3 {
		return i, false
	}
	place, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		return i, false
	}
	var issued int64
	if _, err := fmt.Sscanf(string(place), "%d|%d|%d", &i.shard, &i.next, &issued); err != nil {
		return i, false
	}
	i.arn, i.issued = parts[0], time.UnixMilli(issued)
	return i, true
}

func (b *Backend) getShardIterator(ctx context.Context, in *GetShardIteratorInput) (*GetShardIteratorOutput, error) {
	s := b.findStream(ctx, in.StreamArn)
	if s == nil {
		return nil, noStream(in.StreamArn)
	}
	now := b.now()
	number := 0
	for _, shard := range s.engine.Shards(now) {
		if s.shardID(shard) == in.ShardId {
			number = shard.Number
		}
	}
	oldest, next, ok := s.engine.Range(number, now)
	if !ok {
		return nil, aws.Errorf("ResourceNotFoundException", "Requested resource not found: Shard does not exist")
	}
	i := iterator{arn: in.StreamArn, shard: number, issued: now}
	switch in.ShardIteratorType {
	case ShardIteratorTypeTrimHorizon:
		i.next = oldest
	case ShardIteratorTypeLatest:
		i.next = next
	default:
		if in.SequenceNumber == nil {
			return nil, invalid("SequenceNumber must be specified for shard iterator type " + in.ShardIteratorType)
		}
		n, ok := parseSequence(*in.SequenceNumber)
		if !ok {
			return nil, invalid("Invalid SequenceNumber: " + *in.SequenceNumber)
		}
		if n < oldest {
			return nil, trimmed()
		}
		if in.ShardIteratorType == ShardIteratorTypeAfterSequenceNumber {
			n++
		}
		i.next = n
	}
	return &GetShardIteratorOutput{ShardIterator: ptr(i.String())}, nil
}

func trimmed() *aws.Error {
	return aws.Errorf("TrimmedDataAccessException", "The operation attempted to read past the oldest stream record in a shard.")
}

func (b *Backend) getRecords(ctx context.Context, in *GetRecordsInput) (*GetRecordsOutput, error) {
	i, ok := parseIterator(in.ShardIterator)
	if !ok {
		return nil, invalid("Invalid ShardIterator")
	}
	s := b.findStream(ctx, i.arn)
	if s == nil {
		return nil, noStream(i.arn)
	}
	now := b.now()
	if age := now.Sub(i.issued); age > iteratorLife {
		return nil, aws.Errorf("ExpiredIteratorException",
			"Iterator expired. The iterator was created at time %s while right now it is %s which is further in the future than the tolerated delay of %d milliseconds.",
			i.issued.UTC().Format(time.UnixDate), now.Format(time.UnixDate), iteratorLife.Milliseconds())
	}
	if oldest, _, ok := s.engine.Range(i.shard, now); !ok || i.next < oldest {
		return nil, trimmed()
	}
	limit := maxRecords
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	events, next, ended := s.engine.Read(i.shard, i.next, limit, now)
	out := &GetRecordsOutput{Records: make([]Record, 0, len(events))}
	bytes := 0
	for at, e := range events {
		record, size := s.record(e)
		if bytes += size; bytes > maxRecordsBytes && at > 0 {
			next, ended = e.Sequence, false
			break
		}
		out.Records = append(out.Records, record)
	}
	if !ended {
		out.NextShardIterator = ptr(iterator{i.arn, i.shard, next, now}.String())
	}
	return out, nil
}

var eventNames = [...]string{engine.Insert: OperationTypeInsert, engine.Modify: OperationTypeModify, engine.Remove: OperationTypeRemove}

// record is an event as the API has it, with its size.
func (s *tableStream) record(e engine.Event) (Record, int) {
	size := e.Keys.Size() + e.Old.Size() + e.New.Size()
	at := e.Time.Truncate(time.Second)
	id := md5.Sum(fmt.Appendf(nil, "%s/%d", s.arn(), e.Sequence))
	r := Record{
		EventID: ptr(hex.EncodeToString(id[:])), EventName: ptr(eventNames[e.Kind]), EventVersion: ptr("1.1"),
		EventSource: ptr("aws:dynamodb"), AwsRegion: &s.Region,
		Dynamodb: &StreamRecord{
			ApproximateCreationDateTime: &at, Keys: e.Keys, NewImage: e.New, OldImage: e.Old,
			SequenceNumber: ptr(sequence(e.Sequence)), SizeBytes: ptr(int64(size)), StreamViewType: &s.View,
		},
	}
	if e.Service {
		r.UserIdentity = &Identity{PrincipalId: ptr("dynamodb.amazonaws.com"), Type: ptr("Service")}
	}
	return r, size
}
