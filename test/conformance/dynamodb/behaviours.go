package dynamodb

// key and put shorten the bodies of steps.
func key(sk string) string { return `"Key":{"pk":{"S":"p"},"sk":{"N":"` + sk + `"}}` }

func put(sk, attributes string) Step {
	return Step{Operation: "PutItem", Body: `{"TableName":"$T","Item":{"pk":{"S":"p"},"sk":{"N":"` + sk + `"}` + attributes + `}}`}
}

func query(condition, values, more, want string) Step {
	return Step{Operation: "Query", Want: want,
		Body: `{"TableName":"$T","KeyConditionExpression":"` + condition + `","ExpressionAttributeValues":{":p":{"S":"p"}` + values + `}` + more + `}`}
}

// Behaviours are what a backend must do with single items, queries and scans.
var Behaviours = []Behaviour{
	{Name: "types come back as they went", Steps: []Step{
		put("1", `,"s":{"S":"é\"\\\n😀"},"e":{"S":""},"n":{"N":"-0012.500"},"b":{"B":"AAECAw=="},"t":{"BOOL":true},"z":{"NULL":true},
			"l":{"L":[{"S":"x"},{"L":[]}]},"m":{"M":{"k":{"M":{}}}},"ss":{"SS":["b","a"]},"ns":{"NS":["2","1.0"]},"bs":{"BS":["AQ==","AA=="]}`),
		{Operation: "GetItem", Body: `{"TableName":"$T",` + key("1") + `,"ConsistentRead":true}`, Want: `{"Item":{"s":{"S":"é\"\\\n😀"},"e":{"S":""},"n":{"N":"-12.5"},
			"b":{"B":"AAECAw=="},"t":{"BOOL":true},"z":{"NULL":true},"l":{"L":[{"S":"x"},{"L":[]}]},"m":{"M":{"k":{"M":{}}}},
			"ss":{"SS":["a","b"]},"ns":{"NS":["1","2"]},"bs":{"BS":["AA==","AQ=="]}}}`},
	}},
	{Name: "an item that is not there", Steps: []Step{
		{Operation: "GetItem", Body: `{"TableName":"$T",` + key("1") + `}`, Want: `{"Item":null}`},
		{Operation: "DeleteItem", Body: `{"TableName":"$T",` + key("1") + `,"ReturnValues":"ALL_OLD"}`, Want: `{"Attributes":null}`},
	}},
	{Name: "numbers are sorted as numbers", Steps: []Step{
		put("10", ""), put("9", ""), put("-1.5", ""), put("0", ""), put("1e2", ""), put("-20", ""), put("0.001", ""),
		query("pk = :p", "", "", `{"Count":7,"ScannedCount":7,"LastEvaluatedKey":null,"Items":[{"sk":{"N":"-20"}},{"sk":{"N":"-1.5"}},{"sk":{"N":"0"}},{"sk":{"N":"0.001"}},{"sk":{"N":"9"}},{"sk":{"N":"10"}},{"sk":{"N":"100"}}]}`),
		query("pk = :p AND sk > :n", `,":n":{"N":"0"}`, `,"ScanIndexForward":false,"Limit":2`,
			`{"Items":[{"sk":{"N":"100"}},{"sk":{"N":"10"}}],"LastEvaluatedKey":{"pk":{"S":"p"},"sk":{"N":"10"}}}`),
		query("pk = :p AND sk > :n", `,":n":{"N":"0"}`, `,"ScanIndexForward":false,"Limit":2,"ExclusiveStartKey":{"pk":{"S":"p"},"sk":{"N":"10"}}`,
			`{"Items":[{"sk":{"N":"9"}},{"sk":{"N":"0.001"}}]}`),
		query("pk = :p AND sk BETWEEN :a AND :b", `,":a":{"N":"-1.5"},":b":{"N":"9"}`, "", `{"Count":4}`),
	}},
	{Name: "filters, projections and counts", Steps: []Step{
		put("1", `,"a":{"N":"1"},"m":{"M":{"x":{"S":"y"},"z":{"S":"w"}}},"l":{"L":[{"S":"0"},{"S":"1"},{"S":"2"}]}`), put("2", `,"a":{"N":"2"}`), put("3", ""),
		query("pk = :p", `,":one":{"N":"1"}`, `,"FilterExpression":"a > :one"`, `{"Count":1,"ScannedCount":3,"Items":[{"sk":{"N":"2"}}]}`),
		query("pk = :p", `,":one":{"N":"1"}`, `,"FilterExpression":"a > :one","Select":"COUNT"`, `{"Count":1,"ScannedCount":3,"Items":null}`),
		query("pk = :p", "", `,"ProjectionExpression":"#s, m.x, l[2], l[0]","ExpressionAttributeNames":{"#s":"sk"},"Limit":1`,
			`{"Items":[{"pk":null,"sk":{"N":"1"},"m":{"M":{"x":{"S":"y"},"z":null}},"l":{"L":[{"S":"0"},{"S":"2"}]}}]}`),
		{Operation: "Scan", Body: `{"TableName":"$T","FilterExpression":"attribute_not_exists(a)"}`, Want: `{"Count":1,"ScannedCount":3}`},
		{Operation: "Scan", Body: `{"TableName":"$T","FilterExpression":"size(l) = :n AND contains(l, :s) AND begins_with(m.x, :s2)","ExpressionAttributeValues":{":n":{"N":"3"},":s":{"S":"1"},":s2":{"S":"y"}}}`,
			Want: `{"Count":1}`},
	}},
	{Name: "conditions", Steps: []Step{
		{Operation: "PutItem", Body: `{"TableName":"$T","Item":{"pk":{"S":"p"},"sk":{"N":"1"},"v":{"N":"1"}},"ConditionExpression":"attribute_not_exists(pk)"}`},
		{Operation: "PutItem", Body: `{"TableName":"$T","Item":{"pk":{"S":"p"},"sk":{"N":"1"}},"ConditionExpression":"attribute_not_exists(pk)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
			Code: "ConditionalCheckFailedException", Want: `{"Item":{"v":{"N":"1"}}}`},
		{Operation: "DeleteItem", Body: `{"TableName":"$T",` + key("1") + `,"ConditionExpression":"v = :v","ExpressionAttributeValues":{":v":{"N":"2"}}}`, Code: "ConditionalCheckFailedException"},
		{Operation: "DeleteItem", Body: `{"TableName":"$T",` + key("1") + `,"ConditionExpression":"v = :v","ExpressionAttributeValues":{":v":{"N":"1.0"}},"ReturnValues":"ALL_OLD"}`,
			Want: `{"Attributes":{"v":{"N":"1"}}}`},
	}},
	{Name: "pages of a megabyte", Steps: []Step{
		put("1", `,"big":{"S":"`+big+`"}`), put("2", `,"big":{"S":"`+big+`"}`), put("3", `,"big":{"S":"`+big+`"}`), put("4", `,"big":{"S":"`+big+`"}`),
		query("pk = :p", "", `,"ProjectionExpression":"sk"`, `{"Count":3,"LastEvaluatedKey":{"sk":{"N":"3"}}}`),
		query("pk = :p", "", `,"ProjectionExpression":"sk","ExclusiveStartKey":{"pk":{"S":"p"},"sk":{"N":"3"}}`, `{"Count":1,"LastEvaluatedKey":null}`),
	}},
	{Name: "legacy parameters", Steps: []Step{
		put("1", `,"a":{"S":"x"}`), put("2", ""),
		{Operation: "Query", Body: `{"TableName":"$T","KeyConditions":{"pk":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"p"}]},"sk":{"ComparisonOperator":"GE","AttributeValueList":[{"N":"1"}]}},
			"QueryFilter":{"a":{"ComparisonOperator":"NOT_NULL"}},"AttributesToGet":["sk"]}`, Want: `{"Count":1,"ScannedCount":2,"Items":[{"sk":{"N":"1"},"a":null}]}`},
		{Operation: "Scan", Body: `{"TableName":"$T","ScanFilter":{"a":{"ComparisonOperator":"CONTAINS","AttributeValueList":[{"S":"x"}]}}}`, Want: `{"Count":1}`},
		{Operation: "PutItem", Body: `{"TableName":"$T","Item":{"pk":{"S":"p"},"sk":{"N":"1"}},"Expected":{"a":{"Value":{"S":"y"}}}}`, Code: "ConditionalCheckFailedException"},
		{Operation: "UpdateItem", Body: `{"TableName":"$T",` + key("1") + `,"AttributeUpdates":{"a":{"Action":"DELETE"},"n":{"Action":"ADD","Value":{"N":"2"}}},"ReturnValues":"ALL_NEW"}`,
			Want: `{"Attributes":{"a":null,"n":{"N":"2"}}}`},
	}},
	{Name: "PartiQL", Steps: []Step{
		{Operation: "ExecuteStatement", Body: `{"Statement":"INSERT INTO \"$T\" VALUE {'pk': 'p', 'sk': ?, 'm': {'l': [1, 'x']}, 's': <<'a', 'b'>>}","Parameters":[{"N":"1"}]}`},
		{Operation: "ExecuteStatement", Body: `{"Statement":"INSERT INTO \"$T\" VALUE {'pk': 'p', 'sk': 1}"}`, Code: "DuplicateItemException"},
		{Operation: "ExecuteStatement", Body: `{"Statement":"UPDATE \"$T\" SET n = 5 SET m.l = list_append(m.l, [true]) WHERE pk = 'p' AND sk = 1 RETURNING ALL NEW *"}`,
			Want: `{"Items":[{"n":{"N":"5"},"m":{"M":{"l":{"L":[{"N":"1"},{"S":"x"},{"BOOL":true}]}}}}]}`},
		{Operation: "ExecuteStatement", Body: `{"Statement":"SELECT n, m.l[1] FROM \"$T\" WHERE pk = 'p' AND n > 4"}`, Want: `{"Items":[{"n":{"N":"5"}}]}`},
		{Operation: "BatchExecuteStatement", Body: `{"Statements":[{"Statement":"SELECT sk FROM \"$T\" WHERE pk = 'p' AND sk = 1"},{"Statement":"SELECT * FROM \"$T\" WHERE pk = 'p'"}]}`,
			Want: `{"Responses":[{"TableName":"$T","Item":{"sk":{"N":"1"}}},{"Error":{"Code":"ValidationError"}}]}`},
		{Operation: "ExecuteTransaction", Body: `{"TransactStatements":[{"Statement":"INSERT INTO \"$T\" VALUE {'pk': 'p', 'sk': 2}"},{"Statement":"DELETE FROM \"$T\" WHERE pk = 'p' AND sk = 1"}]}`},
		{Operation: "ExecuteStatement", Body: `{"Statement":"SELECT sk FROM \"$T\" WHERE pk = 'p'"}`, Want: `{"Items":[{"sk":{"N":"2"}}]}`},
	}},
}
