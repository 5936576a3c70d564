package aws_test

import (
	"reflect"
	"sync"
	"testing"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/gen/model"
)

func TestTablesHoldAllServices(t *testing.T) {
	services, operations := aws.Services(), 0
	for _, s := range services {
		if aws.Lookup(s.Name) != s {
			t.Errorf("Lookup(%q) is another service", s.Name)
		}
		if len(s.Protocols) == 0 || s.SigningName == "" || s.APIVersion == "" {
			t.Errorf("%s: incomplete: %+v", s.Name, s)
		}
		for _, op := range s.Operations() {
			operations++
			if s.Operation(op.Name) != op || op.Service != s || op.Method == "" || op.URI == "" {
				t.Errorf("%s: %s is incomplete", s.Name, op.Name)
			}
			for _, e := range op.Errors() {
				if !e.Exception || e.Kind != aws.Structure {
					t.Errorf("%s: %s: error %s is no exception", s.Name, op.Name, e.Name)
				}
			}
		}
	}
	if len(services) < 424 || operations < 18378 {
		t.Errorf("%d services, %d operations; want at least 424 and 18378", len(services), operations)
	}
	t.Logf("botocore %s: %d services, %d operations", aws.ModelVersion(), len(services), operations)
}

func TestLookupOfAnUnknownServiceIsNil(t *testing.T) {
	if s := aws.Lookup("nope"); s != nil {
		t.Errorf("got %v", s)
	}
	if op := aws.Lookup("sqs").Operation("Nope"); op != nil {
		t.Errorf("got %v", op)
	}
}

func TestShapesAreUnpackedOnceByManyReaders(t *testing.T) {
	s := aws.Lookup("kinesis")
	var wait sync.WaitGroup
	inputs := make([]*aws.Shape, 16)
	for i := range inputs {
		wait.Add(1)
		go func() {
			defer wait.Done()
			inputs[i] = s.Operation("PutRecord").Input()
		}()
	}
	wait.Wait()
	for _, in := range inputs {
		if in == nil || in != inputs[0] {
			t.Fatalf("got %p and %p", in, inputs[0])
		}
	}
}

const traits = `{
  "metadata": {"protocol": "rest-json", "protocols": ["rest-json", "json"], "jsonVersion": "1.0", "endpointPrefix": "thing",
    "apiVersion": "2020-01-01", "serviceId": "Thing", "awsQueryCompatible": {}, "signingName": "things", "xmlNamespace": "http://x/"},
  "operations": {
    "Get": {"http": {"method": "GET", "requestUri": "/g/{Name}"}, "input": {"shape": "In"}, "endpoint": {"hostPrefix": "{Name}."}, "deprecated": true},
    "Put": {"http": {"method": "PUT", "requestUri": "/{Name}?x", "responseCode": 204},
      "input": {"shape": "In", "locationName": "Put", "xmlNamespace": {"uri": "http://x/"}},
      "output": {"shape": "Out", "resultWrapper": "PutResult"}, "errors": [{"shape": "Broken"}], "authtype": "none",
      "httpChecksum": {"requestAlgorithmMember": "Name", "requestChecksumRequired": true, "requestValidationModeMember": "Mode", "responseAlgorithms": ["CRC32", "SHA1"]},
      "requestcompression": {"encodings": ["gzip"]}}
  },
  "shapes": {
    "In": {"type": "structure", "required": ["Name", "Kind", "Tag"], "payload": "Tree", "members": {
      "Name": {"shape": "Word", "location": "uri", "locationName": "Name", "hostLabel": true, "idempotencyToken": true},
      "Kind": {"shape": "Word", "location": "querystring", "locationName": "kind", "deprecated": true},
      "Tag": {"shape": "Word", "location": "header", "locationName": "x-tag", "jsonvalue": true},
      "Meta": {"shape": "Words", "location": "headers", "locationName": "x-meta-"},
      "Tree": {"shape": "Tree", "xmlNamespace": {"uri": "http://t/", "prefix": "t"}}}},
    "Out": {"type": "structure", "members": {
      "Code": {"shape": "Count", "location": "statusCode"},
      "Events": {"shape": "Events"}, "Any": {"shape": "Any"}}},
    "Events": {"type": "structure", "eventstream": true, "union": true, "members": {"E": {"shape": "Event"}}},
    "Event": {"type": "structure", "event": true, "members": {"H": {"shape": "Word", "eventheader": true}, "P": {"shape": "Bytes", "eventpayload": true}}},
    "Bytes": {"type": "blob", "streaming": true, "requiresLength": true, "sensitive": true},
    "Any": {"type": "structure", "document": true, "members": {}},
    "Count": {"type": "double", "min": -3, "max": 0.5},
    "Word": {"type": "string", "min": 1, "max": 4611686018427387904, "pattern": "[a-z]+", "enum": ["a", "b"]},
    "Words": {"type": "map", "key": {"shape": "Word", "locationName": "k"}, "value": {"shape": "Word"}, "flattened": true, "sparse": true},
    "Tree": {"type": "structure", "locationName": "tree", "members": {
      "Children": {"shape": "Trees", "flattened": true, "queryName": "Q"},
      "At": {"shape": "Time", "xmlAttribute": true, "timestampFormat": "unixTimestamp", "box": true}}},
    "Trees": {"type": "list", "member": {"shape": "Tree", "locationName": "child"}},
    "Time": {"type": "timestamp", "timestampFormat": "iso8601"},
    "Broken": {"type": "structure", "members": {}, "exception": true, "fault": true, "error": {"code": "broken", "httpStatusCode": 503}}
  }
}`

func TestPackedServicesAreReadAsTheyWere(t *testing.T) {
	want, err := model.Parse("thing", []byte(traits))
	if err != nil {
		t.Fatal(err)
	}
	read := aws.ReadTables(aws.PackTables("1", []*aws.Service{want}))
	if len(read) != 1 {
		t.Fatalf("read %d services", len(read))
	}
	got := read[0]
	if got.Name != want.Name || got.ID != want.ID || got.SigningName != want.SigningName || got.EndpointPrefix != want.EndpointPrefix ||
		got.XMLNamespace != want.XMLNamespace || !reflect.DeepEqual(got.Protocols, want.Protocols) || !got.QueryCompatible {
		t.Errorf("service: got %+v, want %+v", got, want)
	}
	for i, op := range want.Operations() {
		compareOperations(t, got.Operations()[i], op)
	}
	if got.Exception("broken") == nil || got.Exception("broken").Error != want.Exception("Broken").Error {
		t.Errorf("exception: got %+v", got.Exception("broken"))
	}
}

func compareOperations(t *testing.T, got, want *aws.Operation) {
	t.Helper()
	a, b := reflect.ValueOf(*got), reflect.ValueOf(*want)
	for i := range a.NumField() {
		field := a.Type().Field(i)
		if field.IsExported() && field.Name != "Service" && !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			t.Errorf("%s: %s: got %v, want %v", want.Name, field.Name, a.Field(i), b.Field(i))
		}
	}
	compareShapes(t, got.Input(), want.Input(), make(map[*aws.Shape]bool))
	compareShapes(t, got.Output(), want.Output(), make(map[*aws.Shape]bool))
}

// compareShapes compares all that the tables keep: names of structures only.
func compareShapes(t *testing.T, got, want *aws.Shape, seen map[*aws.Shape]bool) {
	t.Helper()
	if got == nil || want == nil {
		if got != want {
			t.Errorf("got %v, want %v", got, want)
		}
		return
	}
	if seen[want] {
		return
	}
	seen[want] = true
	a, b := *got, *want
	if b.Kind != aws.Structure {
		b.Name = ""
	}
	if len(a.Members) != len(b.Members) {
		t.Errorf("%s: got %d members, want %d", want.Name, len(a.Members), len(b.Members))
		return
	}
	for i := range a.Members {
		compareMembers(t, &a.Members[i], &b.Members[i], seen)
	}
	for _, pair := range [][2]*aws.Member{{a.Elem, b.Elem}, {a.Key, b.Key}} {
		if pair[1] != nil {
			compareMembers(t, pair[0], pair[1], seen)
		}
	}
	a.Members, b.Members, a.Elem, b.Elem, a.Key, b.Key = nil, nil, nil, nil, nil, nil
	if !reflect.DeepEqual(a, b) {
		t.Errorf("%s: got %+v, want %+v", want.Name, a, b)
	}
}

func compareMembers(t *testing.T, got, want *aws.Member, seen map[*aws.Shape]bool) {
	t.Helper()
	compareShapes(t, got.Shape, want.Shape, seen)
	a, b := *got, *want
	a.Shape, b.Shape = nil, nil
	if a != b {
		t.Errorf("member: got %+v, want %+v", a, b)
	}
}

func BenchmarkReadIndex(b *testing.B) {
	for b.Loop() {
		aws.ReadTables(aws.EmbeddedTables())
	}
}

func BenchmarkUnpackEC2(b *testing.B) {
	for b.Loop() {
		for _, s := range aws.ReadTables(aws.EmbeddedTables()) {
			if s.Name == "ec2" {
				s.Operations()[0].Input()
			}
		}
	}
}
