package model

import (
	"os"
	"path/filepath"
	"testing"

	"localcloud/gateway/aws"
)

const small = `{
  "metadata": {"protocol": "rest-xml", "protocols": ["rest-xml"], "endpointPrefix": "thing", "apiVersion": "2020-01-01", "serviceId": "Thing"},
  "operations": {
    "PutThing": {"name": "PutThing", "http": {"method": "PUT", "requestUri": "/{Name}?x"},
      "input": {"shape": "PutThingRequest", "locationName": "Put", "xmlNamespace": {"uri": "http://x/"}},
      "errors": [{"shape": "Broken"}], "authtype": "none"}
  },
  "shapes": {
    "PutThingRequest": {"type": "structure", "required": ["Name", "Kind", "Tag"], "payload": "Tree", "members": {
      "Name": {"shape": "Name", "location": "uri", "locationName": "Name"},
      "Kind": {"shape": "Name", "location": "querystring", "locationName": "kind"},
      "Tag": {"shape": "Name", "location": "header", "locationName": "x-tag"},
      "Tree": {"shape": "Tree", "xmlNamespace": {"uri": "http://t/", "prefix": "t"}}}},
    "Name": {"type": "string", "min": 1, "max": 9, "pattern": "[a-z]+", "enum": ["a", "b"]},
    "Tree": {"type": "structure", "members": {"Children": {"shape": "Trees", "flattened": true}, "At": {"shape": "Time"}}},
    "Trees": {"type": "list", "member": {"shape": "Tree", "locationName": "child"}},
    "Time": {"type": "timestamp", "timestampFormat": "iso8601"},
    "Broken": {"type": "structure", "members": {}, "exception": true, "error": {"code": "broken", "httpStatusCode": 503}}
  }
}`

func TestParseCarriesTraits(t *testing.T) {
	s, err := Parse("thing", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	op := s.Operation("PutThing")
	in := op.Input()
	tree := in.Members[3].Shape
	for name, ok := range map[string]bool{
		"the signing name defaults to the endpoint prefix": s.SigningName == "thing",
		"the protocol is kept":                             s.Speaks(aws.RestXML),
		"the status defaults to 200":                       op.Status == 200,
		"authtype none is unsigned":                        op.Unsigned,
		"the root element is named":                        op.InputName == "Put" && op.InputNamespace == "http://x/",
		"required query members discriminate":              len(op.RequiredQuery) == 1 && op.RequiredQuery[0] == "kind",
		"required headers discriminate":                    len(op.RequiredHeaders) == 1 && op.RequiredHeaders[0] == "x-tag",
		"members keep their order":                         in.Members[0].Name == "Name" && in.Members[3].Name == "Tree",
		"the payload is found":                             in.Payload == 3 && tree.Payload == -1,
		"constraints are kept":                             in.Members[0].Shape.Max == 9 && in.Members[0].Shape.HasMin && len(in.Members[0].Shape.Enum) == 2,
		"namespaces have a prefix":                         in.Members[3].XMLPrefix == "t",
		"recursive shapes are one":                         tree.Members[0].Shape.Elem.Shape == tree,
		"elements have their wire name":                    tree.Members[0].Shape.Elem.WireName() == "child",
		"formats are kept":                                 tree.Members[1].Shape.Timestamp == aws.ISO8601,
		"a status of 500 and more is a fault":              op.Errors()[0].Error.Fault,
		"exceptions are found by code and name":            s.Exception("broken") == op.Errors()[0] && s.Exception("Broken") == op.Errors()[0],
	} {
		if !ok {
			t.Error("not so: " + name)
		}
	}
}

func TestParseRefusesBrokenModels(t *testing.T) {
	for name, data := range map[string]string{
		"no JSON":          `{`,
		"unknown protocol": `{"metadata": {"protocol": "soap"}}`,
		"missing shape":    `{"metadata": {"protocol": "query"}, "operations": {"A": {"input": {"shape": "B"}}}}`,
		"unknown type":     `{"metadata": {"protocol": "query"}, "operations": {"A": {"input": {"shape": "B"}}}, "shapes": {"B": {"type": "set"}}}`,
		"list of nothing":  `{"metadata": {"protocol": "query"}, "operations": {"A": {"input": {"shape": "B"}}}, "shapes": {"B": {"type": "list"}}}`,
	} {
		if _, err := Parse("x", []byte(data)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSuitesReadsAllVectors(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(os.Getenv("LOCALCLOUD_VECTORS"), "*", "*.json"))
	if len(files) == 0 {
		t.Skip("LOCALCLOUD_VECTORS does not name a folder of protocol vectors")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Suites(data); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
