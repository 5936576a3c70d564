package dynamodb

// indexBehaviours are what a backend must do with secondary indexes and whole tables.
var indexBehaviours = []Behaviour{
	{Name: "a sparse global index", Table: indexedTable, Steps: []Step{
		put("1", `,"g":{"S":"x"},"p":{"S":"in"},"q":{"S":"out"}`), put("2", ""), put("3", `,"g":{"S":"x"}`),
		{Operation: "Query", Body: `{"TableName":"$T","IndexName":"gsi","KeyConditionExpression":"g = :g AND sk < :n","ExpressionAttributeValues":{":g":{"S":"x"},":n":{"N":"3"}}}`,
			Want: `{"Count":1,"Items":[{"pk":{"S":"p"},"sk":{"N":"1"},"g":{"S":"x"},"p":{"S":"in"},"q":null}]}`},
		{Operation: "Query", Body: `{"TableName":"$T","IndexName":"gsi","Limit":1,"KeyConditionExpression":"g = :g","ExpressionAttributeValues":{":g":{"S":"x"}}}`,
			Want: `{"LastEvaluatedKey":{"pk":{"S":"p"},"sk":{"N":"1"},"g":{"S":"x"}}}`},
		{Operation: "Query", Body: `{"TableName":"$T","IndexName":"gsi","ExclusiveStartKey":{"pk":{"S":"p"},"sk":{"N":"1"},"g":{"S":"x"}},"KeyConditionExpression":"g = :g","ExpressionAttributeValues":{":g":{"S":"x"}}}`,
			Want: `{"Count":1,"Items":[{"sk":{"N":"3"}}]}`},
		{Operation: "Scan", Body: `{"TableName":"$T","IndexName":"gsi"}`, Want: `{"Count":2}`},
		{Operation: "UpdateItem", Body: `{"TableName":"$T",` + key("1") + `,"UpdateExpression":"REMOVE g"}`},
		{Operation: "Scan", Body: `{"TableName":"$T","IndexName":"gsi"}`, Want: `{"Count":1}`},
	}},
	{Name: "a local index", Table: indexedTable, Steps: []Step{
		put("1", `,"l":{"S":"b"},"q":{"S":"out"}`), put("2", `,"l":{"S":"a"}`), put("3", ""),
		query("pk = :p", "", `,"IndexName":"lsi"`, `{"Count":2,"Items":[{"sk":{"N":"2"}},{"sk":{"N":"1"},"q":null}]}`),
		query("pk = :p AND l > :l", `,":l":{"S":"a"}`, `,"IndexName":"lsi","Select":"ALL_ATTRIBUTES","ConsistentRead":true`, `{"Items":[{"sk":{"N":"1"},"q":{"S":"out"}}]}`),
		query("pk = :p AND begins_with(l, :l)", `,":l":{"S":"b"}`, `,"IndexName":"lsi","ProjectionExpression":"q"`, `{"Items":[{"q":{"S":"out"},"sk":null}]}`),
	}},
	{Name: "the capacity of index writes", Table: indexedTable, Steps: []Step{
		{Operation: "PutItem", Body: `{"TableName":"$T","Item":{"pk":{"S":"p"},"sk":{"N":"1"},"g":{"S":"x"},"l":{"S":"y"}},"ReturnConsumedCapacity":"INDEXES"}`,
			Want: `{"ConsumedCapacity":{"TableName":"$T","CapacityUnits":3,"Table":{"CapacityUnits":1},"LocalSecondaryIndexes":{"lsi":{"CapacityUnits":1}},"GlobalSecondaryIndexes":{"gsi":{"CapacityUnits":1}}}}`},
		{Operation: "UpdateItem", Body: `{"TableName":"$T",` + key("1") + `,"UpdateExpression":"SET q = :q","ExpressionAttributeValues":{":q":{"S":"q"}},"ReturnConsumedCapacity":"INDEXES"}`,
			Want: `{"ConsumedCapacity":{"CapacityUnits":1,"LocalSecondaryIndexes":null,"GlobalSecondaryIndexes":null}}`},
		{Operation: "UpdateItem", Body: `{"TableName":"$T",` + key("1") + `,"UpdateExpression":"SET g = :q","ExpressionAttributeValues":{":q":{"S":"q"}},"ReturnConsumedCapacity":"INDEXES"}`,
			Want: `{"ConsumedCapacity":{"CapacityUnits":3,"GlobalSecondaryIndexes":{"gsi":{"CapacityUnits":2}}}}`},
		{Operation: "PutItem", Body: `{"TableName":"$T","Item":{"pk":{"S":"p"},"sk":{"N":"2"}},"ReturnItemCollectionMetrics":"SIZE"}`,
			Want: `{"ItemCollectionMetrics":{"ItemCollectionKey":{"pk":{"S":"p"}},"SizeEstimateRangeGB":[0,1]}}`},
	}},
	{Name: "the description of a table", Table: indexedTable, Steps: []Step{
		{Operation: "DescribeTable", Body: `{"TableName":"$T"}`, Want: `{"Table":{"TableName":"$T","TableStatus":"ACTIVE","ItemCount":0,"TableSizeBytes":0,"DeletionProtectionEnabled":false,
			"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"WriteCapacityUnits":0},
			"GlobalSecondaryIndexes":[{"IndexName":"gsi","IndexStatus":"ACTIVE","Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["p"]}}],"LatestStreamArn":null}}`},
		{Operation: "UpdateTable", Body: `{"TableName":"$T","DeletionProtectionEnabled":true}`},
		{Operation: "DeleteTable", Body: `{"TableName":"$T"}`, Code: "ValidationException"},
		{Operation: "UpdateTable", Body: `{"TableName":"$T","DeletionProtectionEnabled":false}`},
		{Operation: "DeleteTable", Body: `{"TableName":"$T"}`, Want: `{"TableDescription":{"TableName":"$T","TableStatus":"DELETING"}}`},
	}},
	{Name: "backups", Steps: []Step{
		{Operation: "DescribeContinuousBackups", Body: `{"TableName":"$T"}`, Want: `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}`},
		{Operation: "UpdateContinuousBackups", Body: `{"TableName":"$T","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}`,
			Want: `{"ContinuousBackupsDescription":{"PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED","RecoveryPeriodInDays":35}}}`},
		{Operation: "CreateBackup", Body: `{"TableName":"$T","BackupName":"suite"}`, Want: `{"BackupDetails":{"BackupName":"suite","BackupType":"USER"}}`},
	}},
}
