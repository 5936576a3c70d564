package dynamodb_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	conformance "localcloud/test/conformance/dynamodb"
)

// recorded.json holds answers of AWS, recorded by the LocalStack project (Apache-2.0), by the name of
// the recorded test and of the call in it.
//
//go:embed testdata/recorded.json
var recordedText []byte

// placeholder stands in a recording for what differs from run to run.
var placeholder = regexp.MustCompile(`^(<[a-z-]+(:\d+)?>|datetime|starting-sequence-number)$|<[a-z-]+(:\d+)?>`)

// replay makes calls again and compares their answers with the recorded ones.
type replay struct {
	t        *testing.T
	c        *conformance.Client
	recorded map[string]json.RawMessage
}

func newReplay(t *testing.T, c *conformance.Client, name string) *replay {
	t.Helper()
	var all map[string]map[string]json.RawMessage
	if err := json.Unmarshal(recordedText, &all); err != nil {
		t.Fatal(err)
	}
	if all[name] == nil {
		t.Fatalf("no recording %s", name)
	}
	return &replay{t, c, all[name]}
}

// call makes a call; name is that of the recorded answer, "" for a call whose answer is not compared.
func (r *replay) call(name, operation, body string) string {
	r.t.Helper()
	a, err := r.c.Do(operation, body)
	if err != nil {
		r.t.Fatal(err)
	}
	if name == "" {
		return a.Body
	}
	var got, want any
	if err := json.Unmarshal([]byte(a.Body), &got); err != nil {
		r.t.Fatal(a.Body)
	}
	if err := json.Unmarshal(r.recorded[name], &want); err != nil {
		r.t.Fatalf("%s: %v", name, err)
	}
	if members, ok := want.(map[string]any); ok && members["Error"] != nil {
		failure := members["Error"].(map[string]any)
		if a.Code != failure["Code"] || a.Message != failure["Message"] {
			r.t.Errorf("%s: %s %q, recorded %v", name, a.Code, a.Message, failure)
		}
		return a.Body
	}
	if problem := differs(got, want, name); problem != "" {
		r.t.Errorf("%s\n got %s\nrecorded %s", problem, a.Body, r.recorded[name])
	}
	return a.Body
}

// differs says where an answer is not as recorded: structures must have the same members.
func differs(got, want any, at string) string {
	switch want := want.(type) {
	case map[string]any:
		members, _ := got.(map[string]any)
		names := slices.Sorted(maps.Keys(want))
		if have := slices.Sorted(maps.Keys(members)); !slices.Equal(have, names) {
			return fmt.Sprintf("%s has %v, recorded %v", at, have, names)
		}
		for _, name := range names {
			if problem := differs(members[name], want[name], at+"."+name); problem != "" {
				return problem
			}
		}
	case []any:
		list, _ := got.([]any)
		if len(list) != len(want) {
			return fmt.Sprintf("%s has %d elements, recorded %d", at, len(list), len(want))
		}
		for i := range want {
			if problem := differs(list[i], want[i], fmt.Sprintf("%s[%d]", at, i)); problem != "" {
				return problem
			}
		}
	case string:
		if !placeholder.MatchString(want) && got != want {
			return fmt.Sprintf("%s is %v, recorded %v", at, got, want)
		}
	default:
		if got != want {
			return fmt.Sprintf("%s is %v, recorded %v", at, got, want)
		}
	}
	return ""
}

const byID = `"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}]`

func provisioned(units int) string {
	return fmt.Sprintf(`"ProvisionedThroughput":{"ReadCapacityUnits":%d,"WriteCapacityUnits":%d}`, units, units)
}

func TestRecordedTables(t *testing.T) {
	c := &conformance.Client{Endpoint: conformance.Endpoint{URL: start(t), Region: "us-east-1"}}
	r := newReplay(t, c, "test_table_crud")
	r.call("create-table", "CreateTable", `{"TableName":"crud",`+byID+`,`+provisioned(5)+`}`)
	r.call("describe-table", "DescribeTable", `{"TableName":"crud"}`)
	r.call("delete-table", "DeleteTable", `{"TableName":"crud"}`)
	r.call("delete-non-existent-table", "DeleteTable", `{"TableName":"non-existent"}`)

	r = newReplay(t, c, "test_table_warm_throughput")
	r.call("create-table", "CreateTable", `{"TableName":"warm",`+byID+`,`+provisioned(5)+`,"WarmThroughput":{"ReadUnitsPerSecond":1000,"WriteUnitsPerSecond":1200}}`)
	r.call("describe-table", "DescribeTable", `{"TableName":"warm"}`)

	for mode, throughput := range map[string][2]string{"PAY_PER_REQUEST": {}, "PROVISIONED": {"," + provisioned(5), "," + provisioned(1)}} {
		r = newReplay(t, c, "test_gsi_with_billing_mode["+mode+"]")
		name := "gsi-" + mode
		r.call("create-table-with-gsi", "CreateTable", `{"TableName":"`+name+`","BillingMode":"`+mode+`"`+throughput[0]+`,"KeySchema":[{"AttributeName":"TID","KeyType":"HASH"}],
			"AttributeDefinitions":[{"AttributeName":"TID","AttributeType":"S"},{"AttributeName":"TRID","AttributeType":"S"}],
			"GlobalSecondaryIndexes":[{"IndexName":"TransactionRecordID","KeySchema":[{"AttributeName":"TRID","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}`+throughput[1]+`}]}`)
		r.call("describe-table", "DescribeTable", `{"TableName":"`+name+`"}`)
	}

	r = newReplay(t, c, "test_continuous_backup_update")
	r.call("update-continuous-backup", "UpdateContinuousBackups", `{"TableName":"warm","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}`)
	r.call("describe-continuous-backup", "DescribeContinuousBackups", `{"TableName":"warm"}`)
	r = newReplay(t, c, "test_dynamodb_describe_contributor_insights")
	r.call("describe-contributor-insights-disabled", "DescribeContributorInsights", `{"TableName":"warm"}`)
}

// stream reads the records of a table's stream as the recording has them.
func (r *replay) stream(table, name string) {
	r.t.Helper()
	var description struct {
		Table struct{ LatestStreamArn string }
	}
	if err := json.Unmarshal([]byte(r.call("", "DescribeTable", `{"TableName":"`+table+`"}`)), &description); err != nil {
		r.t.Fatal(err)
	}
	arn := description.Table.LatestStreamArn
	var stream struct {
		StreamDescription struct{ Shards []struct{ ShardId string } }
	}
	text := r.call("", "DescribeStream", `{"StreamArn":"`+arn+`"}`)
	if err := json.Unmarshal([]byte(text), &stream); err != nil || len(stream.StreamDescription.Shards) == 0 {
		r.t.Fatal(text, err)
	}
	r.compareMember("describe-stream", text, "StreamDescription")
	text = r.call("", "GetShardIterator", `{"StreamArn":"`+arn+`","ShardId":"`+stream.StreamDescription.Shards[0].ShardId+`","ShardIteratorType":"TRIM_HORIZON"}`)
	var iterator struct{ ShardIterator string }
	if err := json.Unmarshal([]byte(text), &iterator); err != nil {
		r.t.Fatal(text)
	}
	r.compareMember(name, r.call("", "GetRecords", `{"ShardIterator":"`+iterator.ShardIterator+`"}`), "Records")
}

// compareMember compares one member of an answer with that of the recorded one.
func (r *replay) compareMember(name, text, member string) {
	r.t.Helper()
	var got, want map[string]any
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		r.t.Fatal(text)
	}
	if err := json.Unmarshal(r.recorded[name], &want); err != nil {
		r.t.Fatal(err)
	}
	if problem := differs(got[member], want[member], name+"."+member); problem != "" {
		r.t.Errorf("%s\n got %s", problem, text)
	}
}

func TestRecordedStreams(t *testing.T) {
	c := &conformance.Client{Endpoint: conformance.Endpoint{URL: start(t), Region: "us-east-1"}}
	create := func(r *replay, table, key, view string) {
		r.call("create-table", "CreateTable", `{"TableName":"`+table+`",`+strings.ReplaceAll(byID, `"id"`, `"`+key+`"`)+`,`+provisioned(5)+
			`,"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"`+view+`"}}`)
	}
	r := newReplay(t, c, "test_batch_write_items_streaming")
	create(r, "batch", "id", "NEW_AND_OLD_IMAGES")
	r.call("put-item-1", "PutItem", `{"TableName":"batch","Item":{"id":{"S":"Fred"}}}`)
	r.call("", "BatchWriteItem", `{"RequestItems":{"batch":[{"PutRequest":{"Item":{"id":{"S":"NewKey"}}}}]}}`)
	r.call("batch-write-response-delete", "BatchWriteItem", `{"RequestItems":{"batch":[{"DeleteRequest":{"Key":{"id":{"S":"NewKey"}}}},{"PutRequest":{"Item":{"id":{"S":"Fred"},"name":{"S":"Fred"}}}}]}}`)
	r.stream("batch", "get-records")

	r = newReplay(t, c, "test_dynamodb_stream_stream_view_type")
	create(r, "view", "Username", "KEYS_ONLY")
	for _, name := range []string{"Fred", "Alice"} {
		r.call("", "PutItem", `{"TableName":"view","Item":{"Username":{"S":"`+name+`"}}}`)
		r.call("", "UpdateItem", `{"TableName":"view","Key":{"Username":{"S":"`+name+`"}},"UpdateExpression":"SET S = :r","ExpressionAttributeValues":{":r":{"S":"x"}}}`)
		r.call("", "DeleteItem", `{"TableName":"view","Key":{"Username":{"S":"`+name+`"}}}`)
	}
	r.stream("view", "get-records")

	r = newReplay(t, c, "test_transact_write_items_streaming")
	create(r, "transact", "id", "NEW_AND_OLD_IMAGES")
	transact := func(name, items string) {
		r.call(name, "TransactWriteItems", strings.ReplaceAll(`{"TransactItems":[`+items+`]}`, "$T", `"TableName":"transact"`))
	}
	r.call("put-item-1", "PutItem", `{"TableName":"transact","Item":{"id":{"S":"Fred"}}}`)
	transact("transact-write-response-overwrite", `{"Put":{$T,"Item":{"id":{"S":"NewKey"}}}},{"Put":{$T,"Item":{"id":{"S":"Fred"}}}}`)
	transact("transact-write-response-update", `{"Update":{$T,"Key":{"id":{"S":"NewKey"}},"UpdateExpression":"SET attr1 = :a, attr2 = :b","ExpressionAttributeValues":{":a":{"S":"value1"},":b":{"S":"value2"}}}}`)
	transact("transact-write-update-insert", `{"Update":{$T,"Key":{"id":{"S":"NonExistentKey"}},"UpdateExpression":"SET attr1 = :a","ExpressionAttributeValues":{":a":{"S":"value1"}}}}`)
	transact("transact-write-response-delete", `{"Delete":{$T,"Key":{"id":{"S":"NewKey"}}}},{"Put":{$T,"Item":{"id":{"S":"Fred"},"name":{"S":"Fred"}}}}`)
	r.stream("transact", "get-records")
}
