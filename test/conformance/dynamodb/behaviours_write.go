package dynamodb

import "strings"

// big is a value of which three items fit into a page.
var big = strings.Repeat("x", 330_000)

func update(expression, values, more, want string) Step {
	return Step{Operation: "UpdateItem", Want: want,
		Body: `{"TableName":"$T",` + key("1") + `,"UpdateExpression":"` + expression + `","ExpressionAttributeValues":{` + values + `}` + more + `}`}
}

const allNew = `,"ReturnValues":"ALL_NEW"`

// writeBehaviours are what a backend must do with updates, batches and transactions.
var writeBehaviours = []Behaviour{
	{Name: "updates", Steps: []Step{
		update("SET n = if_not_exists(n, :z) + :one, l = :l", `":z":{"N":"0"},":one":{"N":"1"},":l":{"L":[{"S":"a"}]}`, allNew, `{"Attributes":{"n":{"N":"1"},"l":{"L":[{"S":"a"}]}}}`),
		update("SET n = n - :one, l = list_append(l, :l), o = n", `":one":{"N":"0.5"},":l":{"L":[{"S":"b"}]}`, allNew, `{"Attributes":{"n":{"N":"0.5"},"o":{"N":"1"},"l":{"L":[{"S":"a"},{"S":"b"}]}}}`),
		update("REMOVE l[0] SET m = :m ADD s :s", `":m":{"M":{"x":{"N":"1"}}},":s":{"SS":["a","b"]}`, allNew, `{"Attributes":{"l":{"L":[{"S":"b"}]},"s":{"SS":["a","b"]}}}`),
		update("SET m.x = :v, m.y = :v DELETE s :s", `":v":{"N":"2"},":s":{"SS":["a"]}`, `,"ReturnValues":"UPDATED_NEW"`, `{"Attributes":{"m":{"M":{"x":{"N":"2"},"y":{"N":"2"}}},"s":{"SS":["b"]},"l":null,"pk":null}}`),
		update("SET m.x = :v", `":v":{"N":"3"}`, `,"ReturnValues":"UPDATED_OLD"`, `{"Attributes":{"m":{"M":{"x":{"N":"2"},"y":null}}}}`),
		update("DELETE s :s", `":s":{"SS":["b"]}`, allNew, `{"Attributes":{"s":null}}`),
		update("ADD n :v", `":v":{"N":"-0.5"}`, `,"ReturnValues":"ALL_OLD"`, `{"Attributes":{"n":{"N":"0.5"}}}`),
	}},
	{Name: "an update makes the item", Steps: []Step{
		{Operation: "UpdateItem", Body: `{"TableName":"$T",` + key("1") + `}`},
		{Operation: "GetItem", Body: `{"TableName":"$T",` + key("1") + `}`, Want: `{"Item":{"pk":{"S":"p"},"sk":{"N":"1"}}}`},
	}},
	{Name: "batches", Steps: []Step{
		{Operation: "BatchWriteItem", Body: `{"RequestItems":{"$T":[{"PutRequest":{"Item":{"pk":{"S":"p"},"sk":{"N":"1"}}}},{"PutRequest":{"Item":{"pk":{"S":"p"},"sk":{"N":"2"}}}},{"DeleteRequest":{"Key":{"pk":{"S":"p"},"sk":{"N":"3"}}}}]}}`,
			Want: `{"UnprocessedItems":{}}`},
		{Operation: "BatchGetItem", Body: `{"RequestItems":{"$T":{"Keys":[{"pk":{"S":"p"},"sk":{"N":"1"}},{"pk":{"S":"p"},"sk":{"N":"9"}}],"ProjectionExpression":"sk"}}}`,
			Want: `{"Responses":{"$T":[{"sk":{"N":"1"},"pk":null}]},"UnprocessedKeys":{}}`},
	}},
	{Name: "transactions", Steps: []Step{
		put("1", `,"n":{"N":"5"}`),
		{Operation: "TransactWriteItems", Body: `{"TransactItems":[{"Put":{"TableName":"$T","Item":{"pk":{"S":"p"},"sk":{"N":"2"}}}},
			{"Update":{"TableName":"$T",` + key("1") + `,"UpdateExpression":"SET n = n - :x","ConditionExpression":"n >= :x","ExpressionAttributeValues":{":x":{"N":"6"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}]}`,
			Code: "TransactionCanceledException", Want: `{"CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"The conditional request failed","Item":{"n":{"N":"5"}}}]}`},
		{Operation: "TransactGetItems", Body: `{"TransactItems":[{"Get":{"TableName":"$T",` + key("2") + `}},{"Get":{"TableName":"$T",` + key("1") + `,"ProjectionExpression":"n"}}]}`,
			Want: `{"Responses":[{"Item":null},{"Item":{"n":{"N":"5"},"pk":null}}]}`},
		{Operation: "TransactWriteItems", Body: `{"TransactItems":[{"ConditionCheck":{"TableName":"$T",` + key("1") + `,"ConditionExpression":"n = :n","ExpressionAttributeValues":{":n":{"N":"5"}}}},
			{"Put":{"TableName":"$T","Item":{"pk":{"S":"p"},"sk":{"N":"2"}}}},{"Delete":{"TableName":"$T",` + key("3") + `}}]}`},
		query("pk = :p", "", "", `{"Count":2}`),
	}},
	{Name: "a client token", Steps: []Step{
		{Operation: "TransactWriteItems", Body: tokenBody("1")},
		{Operation: "TransactWriteItems", Body: tokenBody("1")},
		{Operation: "TransactWriteItems", Body: tokenBody("2"), Code: "IdempotentParameterMismatchException"},
		{Operation: "GetItem", Body: `{"TableName":"$T",` + key("1") + `}`, Want: `{"Item":{"n":{"N":"1"}}}`},
	}},
	{Name: "time to live", Steps: []Step{
		{Operation: "UpdateTimeToLive", Body: `{"TableName":"$T","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"t"}}`, Want: `{"TimeToLiveSpecification":{"Enabled":true,"AttributeName":"t"}}`},
		{Operation: "DescribeTimeToLive", Body: `{"TableName":"$T"}`, Want: `{"TimeToLiveDescription":{"AttributeName":"t"}}`},
	}},
}

func tokenBody(amount string) string {
	return `{"ClientRequestToken":"$T","TransactItems":[{"Update":{"TableName":"$T",` + key("1") +
		`,"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"` + amount + `"}}}}]}`
}
