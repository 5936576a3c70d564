package dynamodb_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"localcloud/gateway/aws"
)

var (
	tableRow  = regexp.MustCompile(`(?m)^\| (\w+) \| (whole|in part|501) \| (.*) \|$`)
	codeWords = regexp.MustCompile("`(\\w+)`")
)

// refusedBodies are calls with each parameter that docs/dynamodb.md says is refused.
var refusedBodies = map[string]string{
	"CreateTable.GlobalTableSourceArn":               `{"TableName":"new","GlobalTableSourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/tab"}`,
	"CreateTable.GlobalTableSettingsReplicationMode": `{"TableName":"new","GlobalTableSettingsReplicationMode":"ENABLED"}`,
	"UpdateTable.ReplicaUpdates":                     `{"TableName":"tab","ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}}]}`,
	"UpdateTable.MultiRegionConsistency":             `{"TableName":"tab","MultiRegionConsistency":"STRONG"}`,
	"UpdateTable.GlobalTableWitnessUpdates":          `{"TableName":"tab","GlobalTableWitnessUpdates":[{"Create":{"RegionName":"eu-west-1"}}]}`,
	"UpdateTable.GlobalTableSettingsReplicationMode": `{"TableName":"tab","GlobalTableSettingsReplicationMode":"ENABLED"}`,
}

// docs/dynamodb.md lists every operation; this calls each to see that it tells the truth.
func TestDocumentTellsTheTruth(t *testing.T) {
	text, err := os.ReadFile("../../docs/dynamodb.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string][]string)
	for _, row := range tableRow.FindAllStringSubmatch(string(text), -1) {
		rows[row[1]] = row
	}
	s := start(t, nil)
	s.must(t, "CreateTable", mistakesTable)
	for _, service := range []string{"dynamodb", "dynamodbstreams"} {
		for _, op := range aws.Lookup(service).Operations() {
			row := rows[op.Name]
			if row == nil {
				t.Errorf("%s is not listed", op.Name)
				continue
			}
			delete(rows, op.Name)
			status, answer := s.call(t, op.Name, `{}`)
			if refused := status == 501; refused != (row[2] == "501") || refused && !strings.Contains(answer, op.Name) {
				t.Errorf("%s is listed as %s and answers %d %s", op.Name, row[2], status, answer)
			}
			if row[2] == "in part" {
				checkRefused(t, s, op.Name, row[3])
			}
		}
	}
	for name := range rows {
		t.Errorf("%s is listed and no operation", name)
	}
}

func checkRefused(t *testing.T, s *server, operation, remarks string) {
	t.Helper()
	names := codeWords.FindAllStringSubmatch(remarks, -1)
	if len(names) == 0 {
		t.Errorf("%s: no parameters are named", operation)
	}
	for _, name := range names {
		status, answer := s.call(t, operation, refusedBodies[operation+"."+name[1]])
		if status != 501 || !strings.Contains(answer, name[1]) {
			t.Errorf("%s with %s answers %d %s", operation, name[1], status, answer)
		}
	}
}
