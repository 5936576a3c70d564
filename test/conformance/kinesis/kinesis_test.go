// Package kinesis_test holds what a backend of Kinesis Data Streams must do for its clients.
package kinesis_test

import (
	"testing"

	"localcloud/test/conformance/steps"
)

// TestEndpoint runs the suite against a running endpoint.
func TestEndpoint(t *testing.T) { suite.Run(t, steps.Endpoint(t)) }

const stream = `"arn:aws:kinesis:{region}:{account}:stream/s-{run}"`

var suite = steps.Suite{Service: "kinesis", Target: "Kinesis_20131202", JSON: "1.1", Steps: []steps.Step{
	{Name: "create", Operation: "CreateStream", In: `{"StreamName":"s-{run}","ShardCount":2}`},
	{Name: "active", Operation: "DescribeStreamSummary", In: `{"StreamName":"s-{run}"}`, Until: true,
		Want: []string{`"StreamStatus":"ACTIVE"`, `"StreamARN":` + stream, `"OpenShardCount":2`, `"RetentionPeriodHours":24`}},
	{Name: "create again", Operation: "CreateStream", In: `{"StreamName":"s-{run}","ShardCount":2}`, Code: "ResourceInUseException"},
	{Name: "describe by ARN", Operation: "DescribeStream", In: `{"StreamARN":` + stream + `}`, Want: []string{`"StreamName":"s-{run}"`, `"shardId-000000000001"`}},
	{Name: "describe none", Operation: "DescribeStream", In: `{"StreamName":"none-{run}"}`, Code: "ResourceNotFoundException"},
	{Name: "of another account", Operation: "DescribeStream", In: `{"StreamName":"s-{run}"}`, Account: "444455556666", Code: "ResourceNotFoundException"},
	{Name: "list", Operation: "ListStreams", Want: []string{`"s-{run}"`}},
	{Name: "list shards", Operation: "ListShards", In: `{"StreamName":"s-{run}"}`, Want: []string{`"ShardId":"shardId-000000000000"`, `"StartingHashKey":"0"`}},
	{Name: "put", Operation: "PutRecord", In: `{"StreamName":"s-{run}","PartitionKey":"k","ExplicitHashKey":"0","Data":"b25l"}`,
		Want: []string{`"ShardId":"shardId-000000000000"`}, Save: map[string]string{"sequence": `"SequenceNumber":"(\d+)"`}},
	{Name: "put many", Operation: "PutRecords", In: `{"StreamName":"s-{run}","Records":[{"PartitionKey":"k","ExplicitHashKey":"0","Data":"dHdv"},{"PartitionKey":"l","ExplicitHashKey":"0","Data":"dGhyZWU="}]}`,
		Want: []string{`"FailedRecordCount":0`}},
	{Name: "put into none", Operation: "PutRecord", In: `{"StreamName":"none-{run}","PartitionKey":"k","Data":"b25l"}`, Code: "ResourceNotFoundException"},
	{Name: "put without key", Operation: "PutRecord", In: `{"StreamName":"s-{run}","Data":"b25l"}`, Code: "ValidationException"},
	{Name: "iterator from the start", Operation: "GetShardIterator", In: `{"StreamName":"s-{run}","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}`,
		Save: map[string]string{"iterator": `"ShardIterator":"([^"]+)"`}},
	{Name: "get", Operation: "GetRecords", In: `{"ShardIterator":"{iterator}","Limit":2}`, Want: []string{`"Data":"b25l"`, `"Data":"dHdv"`, `"SequenceNumber":"{sequence}"`}, Not: []string{`"dGhyZWU="`},
		Save: map[string]string{"next": `"NextShardIterator":"([^"]+)"`}},
	{Name: "get the next", Operation: "GetRecords", In: `{"ShardIterator":"{next}"}`, Want: []string{`"dGhyZWU="`, `"MillisBehindLatest":0`}, Not: []string{`"dHdv"`}},
	{Name: "iterator behind a record", Operation: "GetShardIterator", In: `{"StreamName":"s-{run}","ShardId":"shardId-000000000000","ShardIteratorType":"AFTER_SEQUENCE_NUMBER","StartingSequenceNumber":"{sequence}"}`,
		Save: map[string]string{"after": `"ShardIterator":"([^"]+)"`}},
	{Name: "get behind a record", Operation: "GetRecords", In: `{"ShardIterator":"{after}"}`, Want: []string{`"dHdv"`}, Not: []string{`"b25l"`}},
	{Name: "iterator of no shard", Operation: "GetShardIterator", In: `{"StreamName":"s-{run}","ShardId":"shardId-000000000009","ShardIteratorType":"LATEST"}`, Code: "ResourceNotFoundException"},
	{Name: "tag", Operation: "AddTagsToStream", In: `{"StreamName":"s-{run}","Tags":{"a":"b"}}`},
	{Name: "tags", Operation: "ListTagsForStream", In: `{"StreamName":"s-{run}"}`, Want: []string{`"Key":"a"`, `"Value":"b"`}},
	{Name: "retention", Operation: "IncreaseStreamRetentionPeriod", In: `{"StreamName":"s-{run}","RetentionPeriodHours":48}`},
	{Name: "consumer", Operation: "RegisterStreamConsumer", In: `{"StreamARN":` + stream + `,"ConsumerName":"c"}`, Want: []string{`"ConsumerName":"c"`}},
	{Name: "consumers", Operation: "ListStreamConsumers", In: `{"StreamARN":` + stream + `}`, Want: []string{`"c"`}},
	{Name: "delete", Operation: "DeleteStream", In: `{"StreamName":"s-{run}","EnforceConsumerDeletion":true}`},
	{Name: "gone", Operation: "DescribeStream", In: `{"StreamName":"s-{run}"}`, Code: "ResourceNotFoundException", Until: true},
}}
