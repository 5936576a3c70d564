package dynamodb_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
)

const streamTable = `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],
	"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"%s"}}`

type record struct {
	EventName    string
	UserIdentity *struct{ PrincipalId, Type string }
	Dynamodb     struct {
		Keys, NewImage, OldImage map[string]map[string]any
		SequenceNumber           string
		SizeBytes                int
		StreamViewType           string
	}
}

func decode[T any](t testing.TB, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// records reads a whole stream, shard after shard.
func (s *server) records(t testing.TB, arn string) []record {
	t.Helper()
	var list []record
	description := decode[struct {
		StreamDescription struct{ Shards []struct{ ShardId string } }
	}](t, s.must(t, "DescribeStream", `{"StreamArn":"`+arn+`"}`))
	for _, shard := range description.StreamDescription.Shards {
		iterator := decode[struct{ ShardIterator string }](t, s.must(t, "GetShardIterator",
			fmt.Sprintf(`{"StreamArn":"%s","ShardId":"%s","ShardIteratorType":"TRIM_HORIZON"}`, arn, shard.ShardId))).ShardIterator
		for iterator != "" {
			out := decode[struct {
				Records           []record
				NextShardIterator string
			}](t, s.must(t, "GetRecords", `{"ShardIterator":"`+iterator+`","Limit":2}`))
			list = append(list, out.Records...)
			if iterator = out.NextShardIterator; len(out.Records) == 0 {
				break
			}
		}
	}
	return list
}

func (s *server) streamARN(t testing.TB) string {
	t.Helper()
	return decode[struct {
		Table struct{ LatestStreamArn string }
	}](t, s.must(t, "DescribeTable", `{"TableName":"tab"}`)).Table.LatestStreamArn
}

// The sizes and images are those of the recorded answers (test_batch_write_items_streaming and others).
func TestStreamViews(t *testing.T) {
	for _, tt := range []struct {
		view  string
		sizes []int
		first string
	}{
		{"NEW_AND_OLD_IMAGES", []int{12, 26, 20}, `{"Keys":{"id":{"S":"Fred"}},"NewImage":{"id":{"S":"Fred"}},"OldImage":null,"SequenceNumber":"100000000000000000001","SizeBytes":12,"StreamViewType":"NEW_AND_OLD_IMAGES"}`},
		{"NEW_IMAGE", []int{12, 20, 6}, ""},
		{"OLD_IMAGE", []int{6, 12, 20}, ""},
		{"KEYS_ONLY", []int{6, 6, 6}, ""},
	} {
		s := start(t, nil)
		s.must(t, "CreateTable", fmt.Sprintf(streamTable, tt.view))
		s.must(t, "PutItem", `{"TableName":"tab","Item":{"id":{"S":"Fred"}}}`)
		s.must(t, "PutItem", `{"TableName":"tab","Item":{"id":{"S":"Fred"}}}`) // no change, no record
		s.must(t, "UpdateItem", `{"TableName":"tab","Key":{"id":{"S":"Fred"}},"UpdateExpression":"SET #n = :v","ExpressionAttributeNames":{"#n":"name"},"ExpressionAttributeValues":{":v":{"S":"Fred"}}}`)
		s.must(t, "DeleteItem", `{"TableName":"tab","Key":{"id":{"S":"Fred"}}}`)
		records := s.records(t, s.streamARN(t))
		var names []string
		var sizes []int
		for _, r := range records {
			names = append(names, r.EventName)
			sizes = append(sizes, r.Dynamodb.SizeBytes)
		}
		if !slices.Equal(names, []string{"INSERT", "MODIFY", "REMOVE"}) || !slices.Equal(sizes, tt.sizes) {
			t.Errorf("%s: %v, sizes %v, want %v", tt.view, names, sizes, tt.sizes)
		}
		if first, _ := json.Marshal(records[0].Dynamodb); tt.first != "" && string(first) != tt.first {
			t.Errorf("%s: %s", tt.view, first)
		}
	}
}

func TestStreamLife(t *testing.T) {
	s := start(t, nil)
	s.must(t, "CreateTable", fmt.Sprintf(streamTable, "NEW_IMAGE"))
	arn := s.streamARN(t)
	put := func(id string) { s.must(t, "PutItem", `{"TableName":"tab","Item":{"id":{"S":"`+id+`"}}}`) }
	put("a")
	s.clock.Advance(5 * time.Hour) // the stream goes on in a second shard
	put("b")
	shards := decode[struct {
		StreamDescription struct {
			Shards []struct {
				ShardId, ParentShardId string
				SequenceNumberRange    struct{ StartingSequenceNumber, EndingSequenceNumber string }
			}
		}
	}](t, s.must(t, "DescribeStream", `{"StreamArn":"`+arn+`"}`)).StreamDescription.Shards
	if len(shards) != 2 || shards[1].ParentShardId != shards[0].ShardId || shards[0].SequenceNumberRange.EndingSequenceNumber == "" {
		t.Fatalf("shards %+v", shards)
	}
	if got := len(s.records(t, arn)); got != 2 {
		t.Errorf("%d records", got)
	}
	iterator := decode[struct{ ShardIterator string }](t, s.must(t, "GetShardIterator",
		fmt.Sprintf(`{"StreamArn":"%s","ShardId":"%s","ShardIteratorType":"AT_SEQUENCE_NUMBER","SequenceNumber":"%s"}`,
			arn, shards[0].ShardId, shards[0].SequenceNumberRange.StartingSequenceNumber))).ShardIterator
	s.clock.Advance(16 * time.Minute)
	if _, text := s.call(t, "GetRecords", `{"ShardIterator":"`+iterator+`"}`); failureOf(text).Type != "ExpiredIteratorException" {
		t.Errorf("an old iterator: %s", text)
	}
	s.clock.Advance(20 * time.Hour) // the first record is more than a day old, the second is not
	if got := len(s.records(t, arn)); got != 1 {
		t.Errorf("%d records after a day", got)
	}
	s.must(t, "UpdateTable", `{"TableName":"tab","StreamSpecification":{"StreamEnabled":false}}`)
	put("c")
	s.must(t, "DeleteTable", `{"TableName":"tab"}`)
	if text := s.must(t, "ListStreams", `{"TableName":"tab"}`); !strings.Contains(text, arn) {
		t.Errorf("a closed stream is not listed: %s", text)
	}
	if got := len(s.records(t, arn)); got != 1 {
		t.Errorf("%d records of a closed stream", got)
	}
	s.clock.Advance(25 * time.Hour)
	if text := s.must(t, "ListStreams", `{}`); strings.Contains(text, arn) {
		t.Errorf("a stream of yesterday is still listed: %s", text)
	}
}

func TestExpiry(t *testing.T) {
	s := start(t, nil)
	s.must(t, "CreateTable", fmt.Sprintf(streamTable, "NEW_AND_OLD_IMAGES"))
	s.must(t, "UpdateTimeToLive", `{"TableName":"tab","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`)
	now := time.Now().Unix()
	for id, ttl := range map[string]int64{"past": now - 10, "soon": now + 30, "late": now + 100_000, "ancient": now - 6*365*86400} {
		s.must(t, "PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"id":{"S":"%s"},"ttl":{"N":"%d"}}}`, id, ttl))
	}
	s.must(t, "PutItem", `{"TableName":"tab","Item":{"id":{"S":"text"},"ttl":{"S":"1"}}}`)
	if got := s.expire(t); got != `{"ExpiredItems":1}` {
		t.Errorf("on demand: %s", got)
	}
	s.clock.Advance(2 * time.Minute) // the background's next turn
	deadline := time.Now().Add(5 * time.Second)
	for strings.Contains(s.must(t, "Scan", `{"TableName":"tab"}`), `"soon"`) {
		if time.Now().After(deadline) {
			t.Fatal("the background does not delete expired items")
		}
		time.Sleep(time.Millisecond) // the sweep has no event to wait for
	}
	if text := s.must(t, "Scan", `{"TableName":"tab"}`); !strings.Contains(text, `"Count":3`) {
		t.Errorf("left: %s", text)
	}
	for _, r := range s.records(t, s.streamARN(t)) {
		service := r.UserIdentity != nil && r.UserIdentity.Type == "Service" && r.UserIdentity.PrincipalId == "dynamodb.amazonaws.com"
		if service != (r.EventName == "REMOVE") {
			t.Errorf("%s by %+v", r.EventName, r.UserIdentity)
		}
	}
}

// expire calls the page that removes expired items.
func (s *server) expire(t testing.TB) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodDelete, "/_aws/dynamodb/expired", nil)
	call := &aws.Call{Service: aws.Lookup("dynamodb"), Account: aws.DefaultAccount, Region: aws.DefaultRegion}
	resp, err := s.backend.RoundTrip(r.WithContext(aws.WithCall(r.Context(), call)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	if err := resp.Write(&b); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "\r\n\r\n")
	return strings.TrimSpace(body)
}

func TestIndexOnLivingTable(t *testing.T) {
	s := start(t, nil)
	s.must(t, "CreateTable", bankTable)
	for i := range 100 {
		s.must(t, "PutItem", fmt.Sprintf(`{"TableName":"bank","Item":{"id":{"S":"%d"},"a":{"S":"%d"},"b":{"N":"%d"},"c":{"S":"x"},"d":{"S":"y"}}}`, i, i%2, i%5))
	}
	s.must(t, "PutItem", `{"TableName":"bank","Item":{"id":{"S":"wrong"},"a":{"N":"1"},"b":{"N":"1"},"c":{"S":"x"}}}`)
	s.must(t, "UpdateTable", `{"TableName":"bank","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},{"AttributeName":"b","AttributeType":"N"},{"AttributeName":"c","AttributeType":"S"}],
		"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"abc","KeySchema":[{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"c","KeyType":"HASH"},
			{"AttributeName":"b","KeyType":"RANGE"},{"AttributeName":"id","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}}]}`)
	if status, text := s.call(t, "Query", `{"TableName":"bank","IndexName":"abc","KeyConditionExpression":"a = :a","ExpressionAttributeValues":{":a":{"S":"1"}}}`); status == 200 {
		t.Errorf("one of two hash attributes is enough: %s", text)
	}
	query := `{"TableName":"bank","IndexName":"abc","KeyConditionExpression":"a = :a AND c = :c AND b = :b","ExpressionAttributeValues":{":a":{"S":"1"},":c":{"S":"x"},":b":{"N":"3"}}}`
	text := s.must(t, "Query", query)
	if !strings.Contains(text, `"Count":10`) || strings.Contains(text, `"d"`) {
		t.Errorf("query of a new index: %s", text)
	}
	s.must(t, "UpdateItem", `{"TableName":"bank","Key":{"id":{"S":"3"}},"UpdateExpression":"SET b = :b","ExpressionAttributeValues":{":b":{"N":"4"}}}`)
	if text := s.must(t, "Query", query); !strings.Contains(text, `"Count":9`) {
		t.Errorf("after a move: %s", text)
	}
	if text := s.must(t, "DescribeTable", `{"TableName":"bank"}`); !strings.Contains(text, `"ItemCount":100`) || !strings.Contains(text, `"IndexStatus":"ACTIVE"`) {
		t.Errorf("description: %s", text)
	}
	s.must(t, "UpdateTable", `{"TableName":"bank","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"abc"}}]}`)
	if status, _ := s.call(t, "Query", query); status != 400 {
		t.Error("a deleted index still answers")
	}
}

func TestBackup(t *testing.T) {
	dir := t.TempDir()
	s := startIn(t, dir, true, nil)
	s.must(t, "CreateTable", modelTable)
	for i := range 30 {
		s.must(t, "PutItem", fmt.Sprintf(`{"TableName":"model","Item":{"pk":{"S":"p"},"sk":{"N":"%d"},"v":{"S":"v"},"w":{"S":"w"}}}`, i))
	}
	arn := decode[struct{ BackupDetails struct{ BackupArn string } }](t, s.must(t, "CreateBackup", `{"TableName":"model","BackupName":"first"}`)).BackupDetails.BackupArn
	s.must(t, "PutItem", `{"TableName":"model","Item":{"pk":{"S":"p"},"sk":{"N":"99"}}}`)
	s.must(t, "DeleteItem", `{"TableName":"model","Key":{"pk":{"S":"p"},"sk":{"N":"0"}}}`)
	s.must(t, "DeleteTable", `{"TableName":"model"}`)
	s.must(t, "RestoreTableFromBackup", `{"TargetTableName":"again","BackupArn":"`+arn+`"}`)
	check := func(s *server) {
		t.Helper()
		for _, query := range []string{
			`{"TableName":"again","Select":"COUNT","KeyConditionExpression":"pk = :v","ExpressionAttributeValues":{":v":{"S":"p"}}}`,
			`{"TableName":"again","Select":"COUNT","IndexName":"byW","KeyConditionExpression":"w = :v","ExpressionAttributeValues":{":v":{"S":"w"}}}`,
			`{"TableName":"again","Select":"COUNT","IndexName":"byV","KeyConditionExpression":"pk = :v","ExpressionAttributeValues":{":v":{"S":"p"}}}`,
		} {
			if text := s.must(t, "Query", query); !strings.Contains(text, `"Count":30`) {
				t.Errorf("%s: %s", query, text)
			}
		}
		if text := s.must(t, "ListBackups", `{}`); !strings.Contains(text, arn) {
			t.Errorf("backups: %s", text)
		}
	}
	check(s)
	if err := s.backend.Close(); err != nil {
		t.Fatal(err)
	}
	check(startIn(t, dir, true, nil)) // the copy is in the log
}

// What is persisted is there after a restart: tables, items, indexes, streams, TTL, tokens.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	s := startIn(t, dir, true, nil)
	s.must(t, "CreateTable", fmt.Sprintf(streamTable, "NEW_AND_OLD_IMAGES"))
	s.must(t, "TagResource", `{"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/tab","Tags":[{"Key":"k","Value":"v"}]}`)
	s.must(t, "UpdateTimeToLive", `{"TableName":"tab","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`)
	transfer := `{"ClientRequestToken":"token","TransactItems":[{"Update":{"TableName":"tab","Key":{"id":{"S":"n"}},"UpdateExpression":"ADD n :one","ExpressionAttributeValues":{":one":{"N":"1"}}}}]}`
	s.must(t, "TransactWriteItems", transfer)
	s.must(t, "PutItem", `{"TableName":"tab","Item":{"id":{"S":"old"},"ttl":{"N":"`+fmt.Sprint(time.Now().Unix()-5)+`"}}}`)
	s.must(t, "CreateTable", modelTable)
	s.must(t, "PutItem", `{"TableName":"model","Item":{"pk":{"S":"p"},"sk":{"N":"1"},"w":{"S":"w"}}}`)
	s.must(t, "CreateTable", bankTable)
	s.must(t, "DeleteTable", `{"TableName":"bank"}`)
	arn := s.streamARN(t)
	want := s.state(t, arn)
	for range 2 { // once from the log, once from a snapshot
		if err := s.backend.Close(); err != nil {
			t.Fatal(err)
		}
		s = startIn(t, dir, true, nil)
		if got := s.state(t, arn); got != want {
			t.Fatalf("after a restart:\n got %s\nwant %s", got, want)
		}
		s.must(t, "TransactWriteItems", transfer)
		if text := s.must(t, "GetItem", `{"TableName":"tab","Key":{"id":{"S":"n"}}}`); !strings.Contains(text, `"n":{"N":"1"}`) {
			t.Errorf("a token is forgotten: %s", text)
		}
		if err := s.backend.(interface{ Compact() error }).Compact(); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.expire(t); got != `{"ExpiredItems":1}` {
		t.Errorf("expired: %s", got)
	}
	if err := s.backend.(images.Resetter).Reset(); err != nil {
		t.Fatal(err)
	}
	if text := s.must(t, "ListTables", `{}`); text != `{"TableNames":[]}` {
		t.Errorf("after a reset: %s", text)
	}
}

// state is everything that a client sees of the tables of TestRestart.
func (s *server) state(t testing.TB, arn string) string {
	t.Helper()
	var b strings.Builder
	for _, c := range [][2]string{
		{"ListTables", `{}`}, {"DescribeTable", `{"TableName":"tab"}`}, {"DescribeTable", `{"TableName":"model"}`},
		{"DescribeTimeToLive", `{"TableName":"tab"}`}, {"Scan", `{"TableName":"tab"}`},
		{"Query", `{"TableName":"model","IndexName":"byW","KeyConditionExpression":"w = :w","ExpressionAttributeValues":{":w":{"S":"w"}}}`},
		{"ListTagsOfResource", `{"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/tab"}`}, {"ListStreams", `{}`}, {"DescribeStream", `{"StreamArn":"` + arn + `"}`},
	} {
		b.WriteString(s.must(t, c[0], c[1]) + "\n")
	}
	records, _ := json.Marshal(s.records(t, arn))
	return b.String() + string(records)
}

func TestIsolation(t *testing.T) {
	s := start(t, nil)
	as := func(account, region, operation, body string) (int, string) {
		r := request(operation, body)
		call := *aws.CallFrom(r.Context())
		call.Account, call.Region = account, region
		resp, err := s.backend.RoundTrip(r.WithContext(aws.WithCall(r.Context(), &call)))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var b strings.Builder
		resp.Write(&b)
		return resp.StatusCode, b.String()
	}
	as("111111111111", "us-east-1", "CreateTable", bankTable)
	for _, p := range [][2]string{{"222222222222", "us-east-1"}, {"111111111111", "eu-west-1"}} {
		if status, text := as(p[0], p[1], "DescribeTable", `{"TableName":"bank"}`); status != 400 {
			t.Errorf("%v sees the table: %s", p, text)
		}
	}
	if status, text := as("222222222222", "us-east-1", "GetItem", `{"TableName":"arn:aws:dynamodb:us-east-1:111111111111:table/bank","Key":{"id":{"S":"a"}}}`); !strings.Contains(text, "AccessDenied") {
		t.Errorf("another account reads: %d %s", status, text)
	}
}

func TestLegacyParameters(t *testing.T) {
	s := start(t, nil)
	s.must(t, "CreateTable", modelTable)
	for i := range 5 {
		s.must(t, "PutItem", fmt.Sprintf(`{"TableName":"model","Item":{"pk":{"S":"p"},"sk":{"N":"%d"},"v":{"S":"v%d"},"ss":{"SS":["a","b"]}},"Expected":{"pk":{"Exists":false}}}`, i, i))
	}
	if status, _ := s.call(t, "PutItem", `{"TableName":"model","Item":{"pk":{"S":"p"},"sk":{"N":"1"}},"Expected":{"v":{"ComparisonOperator":"BEGINS_WITH","AttributeValueList":[{"S":"w"}]},"ss":{"ComparisonOperator":"NULL"}},"ConditionalOperator":"OR"}`); status != 400 {
		t.Error("a condition that does not hold is taken")
	}
	text := s.must(t, "UpdateItem", `{"TableName":"model","Key":{"pk":{"S":"p"},"sk":{"N":"1"}},"ReturnValues":"ALL_NEW","Expected":{"v":{"Value":{"S":"v1"}}},
		"AttributeUpdates":{"n":{"Action":"ADD","Value":{"N":"5"}},"l":{"Action":"ADD","Value":{"L":[{"S":"x"}]}},"ss":{"Action":"DELETE","Value":{"SS":["a"]}},"v":{"Action":"DELETE"},"z":{"Value":{"BOOL":true}}}}`)
	if want := `{"Attributes":{"l":{"L":[{"S":"x"}]},"n":{"N":"5"},"pk":{"S":"p"},"sk":{"N":"1"},"ss":{"SS":["b"]},"z":{"BOOL":true}}}`; text != want {
		t.Errorf("update: %s", text)
	}
	text = s.must(t, "Query", `{"TableName":"model","AttributesToGet":["sk"],"ScanIndexForward":false,
		"KeyConditions":{"pk":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"p"}]},"sk":{"ComparisonOperator":"BETWEEN","AttributeValueList":[{"N":"1"},{"N":"3"}]}},
		"QueryFilter":{"v":{"ComparisonOperator":"NOT_NULL"}}}`)
	if want := `{"Items":[{"sk":{"N":"3"}},{"sk":{"N":"2"}}],"Count":2,"ScannedCount":3}`; text != want {
		t.Errorf("query: %s", text)
	}
	text = s.must(t, "Scan", `{"TableName":"model","Select":"COUNT","ScanFilter":{"v":{"ComparisonOperator":"IN","AttributeValueList":[{"S":"v0"},{"S":"v4"}]},"ss":{"ComparisonOperator":"CONTAINS","AttributeValueList":[{"S":"a"}]}}}`)
	if want := `{"Count":2,"ScannedCount":5}`; text != want {
		t.Errorf("scan: %s", text)
	}
	s.must(t, "UpdateItem", `{"TableName":"model","Key":{"pk":{"S":"new"},"sk":{"N":"1"}},"AttributeUpdates":{"v":{"Action":"DELETE"}}}`)
	if text := s.must(t, "GetItem", `{"TableName":"model","Key":{"pk":{"S":"new"},"sk":{"N":"1"}}}`); text != `{}` {
		t.Errorf("deleting from nothing makes %s", text)
	}
}

func TestCapacity(t *testing.T) {
	s := start(t, nil)
	s.must(t, "CreateTable", modelTable)
	big := strings.Repeat("x", 5000)
	for _, c := range []struct{ operation, body, want string }{
		{"PutItem", `{"TableName":"model","Item":{"pk":{"S":"p"},"sk":{"N":"1"},"w":{"S":"w"}}}`,
			`"ConsumedCapacity":{"TableName":"model","CapacityUnits":2.0,"Table":{"CapacityUnits":1.0},"GlobalSecondaryIndexes":{"byW":{"CapacityUnits":1.0}}}`},
		{"PutItem", `{"TableName":"model","Item":{"pk":{"S":"p"},"sk":{"N":"2"},"x":{"S":"` + big + `"}}}`, `"CapacityUnits":5.0,"Table":{"CapacityUnits":5.0}`},
		{"GetItem", `{"TableName":"model","Key":{"pk":{"S":"p"},"sk":{"N":"2"}}}`, `"CapacityUnits":1.0,"Table":{"CapacityUnits":1.0}`},
		{"GetItem", `{"TableName":"model","ConsistentRead":true,"Key":{"pk":{"S":"p"},"sk":{"N":"2"}}}`, `"CapacityUnits":2.0`},
		{"GetItem", `{"TableName":"model","Key":{"pk":{"S":"p"},"sk":{"N":"77"}}}`, `"CapacityUnits":0.5`},
		{"UpdateItem", `{"TableName":"model","Key":{"pk":{"S":"p"},"sk":{"N":"1"}},"UpdateExpression":"SET w = :w","ExpressionAttributeValues":{":w":{"S":"z"}}}`,
			`"CapacityUnits":3.0,"Table":{"CapacityUnits":1.0},"GlobalSecondaryIndexes":{"byW":{"CapacityUnits":2.0}}`},
		{"Query", `{"TableName":"model","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"p"}}}`, `"CapacityUnits":1.0`},
		{"TransactWriteItems", `{"TransactItems":[{"Delete":{"TableName":"model","Key":{"pk":{"S":"p"},"sk":{"N":"1"}}}}]}`, `"CapacityUnits":4.0,"WriteCapacityUnits":4.0`},
	} {
		text := s.must(t, c.operation, strings.TrimSuffix(c.body, "}")+`,"ReturnConsumedCapacity":"INDEXES"}`)
		if !strings.Contains(text, c.want) {
			t.Errorf("%s %.80s: %.300s, want %s", c.operation, c.body, text, c.want)
		}
	}
}
