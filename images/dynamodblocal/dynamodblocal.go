// Package dynamodblocal describes DynamoDB Local, AWS's own downloadable DynamoDB. It keeps a
// database for each access key and region, and names neither in its ARNs. Its licence does not allow
// passing it on, so it is fetched by whoever runs it.
package dynamodblocal

import (
	"time"

	"localcloud/images"
)

// Image returns the entry.
func Image() *images.Image {
	return &images.Image{
		Name:        "dynamodb-local",
		Services:    []string{"dynamodb", "dynamodbstreams"},
		Alternative: true,
		Reference:   "amazon/dynamodb-local:2.6.1",
		Command:     []string{"dynamodb-local", "-port", "{port}", "-dbPath", "{dir}", "-disableTelemetry"},
		Install:     "put its dynamodb-local on the PATH; test/images/dynamodb-local/install fetches it from Maven Central",
		Args: []string{
			"-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar",
			"-port", "{port}", "-dbPath", "{dir}", "-disableTelemetry",
		},
		Port: 8000,
		// Without a signature the root is answered with 400, which says that it listens.
		Probe: images.Probe{Path: "/", Timeout: time.Minute},
		Env: map[string]string{
			"JAVA_TOOL_OPTIONS":         "-Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
			"DDB_LOCAL_TELEMETRY":       "0",
			"AWS_EC2_METADATA_DISABLED": "true",
		},
		Volume:     "/home/dynamodblocal/data",
		User:       "0:0", // the volume is root's
		Memory:     1 << 30,
		Names:      images.Names{Account: "000000000000", Region: "ddblocal"},
		Operations: operations,
	}
}

// operations are those of version 2.6.1; all others are answered with UnknownOperationException.
var operations = []string{
	"dynamodb:BatchExecuteStatement", "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:CreateTable",
	"dynamodb:DeleteItem", "dynamodb:DeleteTable", "dynamodb:DescribeLimits", "dynamodb:DescribeTable",
	"dynamodb:DescribeTimeToLive", "dynamodb:ExecuteStatement", "dynamodb:ExecuteTransaction", "dynamodb:GetItem",
	"dynamodb:ListTables", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:TransactGetItems",
	"dynamodb:TransactWriteItems", "dynamodb:UpdateItem", "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive",
	"dynamodbstreams:*",
}
