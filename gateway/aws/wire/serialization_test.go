package wire

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"localcloud/gateway/aws"
)

// Recorded by dynalite, whose cases were run against DynamoDB (test helper assertType).
func TestWrongTypesAreWordedAsDynamoDBWordsThem(t *testing.T) {
	for body, want := range map[string]string{
		`{"TableName":true}`:                               "TRUE_VALUE cannot be converted to String",
		`{"TableName":false}`:                              "FALSE_VALUE cannot be converted to String",
		`{"TableName":23}`:                                 "NUMBER_VALUE cannot be converted to String",
		`{"TableName":34.56}`:                              "DECIMAL_VALUE cannot be converted to String",
		`{"TableName":[]}`:                                 "Unrecognized collection type class java.lang.String",
		`{"TableName":{}}`:                                 "Start of structure or map found where not expected",
		`{"Limit":"23"}`:                                   "STRING_VALUE cannot be converted to Integer",
		`{"Limit":true}`:                                   "TRUE_VALUE cannot be converted to Integer",
		`{"Limit":[]}`:                                     "Unrecognized collection type class java.lang.Integer",
		`{"Limit":{}}`:                                     "Start of structure or map found where not expected",
		`{"ConsistentRead":"23"}`:                          "Unexpected token received from parser",
		`{"ConsistentRead":23}`:                            "NUMBER_VALUE cannot be converted to Boolean",
		`{"ConsistentRead":[]}`:                            "Unrecognized collection type class java.lang.Boolean",
		`{"AttributesToGet":"23"}`:                         "Unexpected field type",
		`{"AttributesToGet":{}}`:                           "Start of structure or map found where not expected",
		`{"AttributesToGet":[1]}`:                          "NUMBER_VALUE cannot be converted to String",
		`{"ExpressionAttributeNames":34.5}`:                "Unexpected field type",
		`{"ExpressionAttributeNames":[]}`:                  "Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>",
		`{"KeyConditions":[]}`:                             "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.Condition>",
		`{"KeyConditions":{"a":"23"}}`:                     "Unexpected value type in payload",
		`{"KeyConditions":{"a":[]}}`:                       "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.Condition",
		`{"KeyConditions":{"a":{"ComparisonOperator":1}}}`: "NUMBER_VALUE cannot be converted to String",
	} {
		req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		err := DecodeRequest(callOf("dynamodb", "Query", aws.JSON10), req, &map[string]any{}, Options{Validate: true})
		if e := asAWS(err); e == nil || e.Code != "SerializationException" || e.Message != want {
			t.Errorf("%s: got %v, want %s", body, err, want)
		}
	}
}
