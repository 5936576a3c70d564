// Package dynalite describes dynalite, DynamoDB's tables and items in JavaScript, without streams and
// transactions. One process knows one account and region, so there is one for each that is used.
package dynalite

import (
	"time"

	"localcloud/images"
)

// Image returns the entry. Nobody publishes a container image of it; test/images/dynalite/build
// assembles one.
func Image() *images.Image {
	return &images.Image{
		Name:        "dynalite",
		Services:    []string{"dynamodb"},
		Alternative: true,
		Command: []string{
			"dynalite", "--host", "127.0.0.1", "--port", "{port}", "--path", "{dir}/data",
			"--createTableMs", "0", "--deleteTableMs", "0", "--updateTableMs", "0",
		},
		Install: "npm install -g dynalite@4.0.0",
		Args: []string{
			"--port", "{port}", "--path", "{dir}/data",
			"--createTableMs", "0", "--deleteTableMs", "0", "--updateTableMs", "0",
		},
		Port:       4567,
		Probe:      images.Probe{Path: "/", Timeout: 30 * time.Second},
		Env:        map[string]string{"AWS_ACCOUNT_ID": "{account}", "AWS_REGION": "{region}"},
		Volume:     "/data",
		Memory:     256 << 20,
		Account:    images.AccountMode{Instance: true},
		Operations: operations,
	}
}

// operations are those of version 4.0.0; all others are answered with UnknownOperationException.
var operations = []string{
	"dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:CreateTable", "dynamodb:DeleteItem",
	"dynamodb:DeleteTable", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:GetItem",
	"dynamodb:ListTables", "dynamodb:ListTagsOfResource", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan",
	"dynamodb:TagResource", "dynamodb:UntagResource", "dynamodb:UpdateItem", "dynamodb:UpdateTable",
}
