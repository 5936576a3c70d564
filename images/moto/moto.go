// Package moto describes moto's server: the widest control plane there is, without data planes. It
// keeps everything in memory, apart by account and region, and serves calls in threads of one process.
package moto

import (
	"time"

	"localcloud/images"
)

// Image returns the entry.
func Image() *images.Image {
	return &images.Image{
		Name:      "moto",
		Services:  []string{"*"},
		Reference: "motoserver/moto:5.2.3",
		Command:   []string{"moto_server", "-H", "127.0.0.1", "-p", "{port}"},
		Install:   "pip install 'moto[server]'",
		Port:      5000,
		// Not data.json, which holds all of moto's state and takes seconds once there is some.
		Probe: images.Probe{Path: "/moto-api/", Timeout: time.Minute},
		Env: map[string]string{
			"HOME": "/tmp",
			// AWS's own policies exist in every account, so that roles can be given them.
			"MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
		},
		User:     "65534:65534",
		Writable: []string{"/tmp"},
		Memory:   1 << 30,
		Account:  images.AccountMode{Header: "x-moto-account-id"},
		Delivers: true,
		Effects:  effects,
	}
}

// effects are the operations that moto performs, or seems to perform, upon services which it holds
// itself: with other backends beside it, what they say they have done would not be there.
var effects = []string{
	// Stacks: every resource would be created inside moto.
	"cloudformation:CreateStack", "cloudformation:UpdateStack", "cloudformation:DeleteStack",
	"cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet", "cloudformation:CreateStackSet",
	"cloudformation:UpdateStackSet", "cloudformation:CreateStackInstances", "cloudformation:UpdateStackInstances",
	"cloudformation:DeleteStackInstances",

	// Code of the user: run in containers of moto's own, or answered with what was prepared.
	"lambda:Invoke", "lambda:InvokeAsync", "lambda:InvokeWithResponseStream",
	"lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping",
	"lambda:CreateFunctionUrlConfig", "lambda:UpdateFunctionUrlConfig",
	"batch:SubmitJob", "secretsmanager:RotateSecret",
	"stepfunctions:StartExecution", "stepfunctions:StartSyncExecution", "stepfunctions:RedriveExecution",
	"stepfunctions:TestState",
	"ssm:SendCommand", "ssm:StartAutomationExecution",

	// Events and messages: delivered to moto's own queues, functions, streams and buckets, or to nobody.
	"events:PutEvents", "events:PutTargets", "events:StartReplay", "events:CreateArchive",
	"sns:Subscribe", "sns:Publish", "sns:PublishBatch",
	"scheduler:CreateSchedule", "scheduler:UpdateSchedule",
	"pipes:CreatePipe", "pipes:UpdatePipe", "pipes:StartPipe",
	"iot:CreateTopicRule", "iot:ReplaceTopicRule",
	"s3:PutBucketNotification", "s3:PutBucketNotificationConfiguration", "s3:PutBucketReplication", "s3:PutBucketLogging",
	"firehose:PutRecord", "firehose:PutRecordBatch",
	"logs:PutSubscriptionFilter", "logs:PutMetricFilter", "logs:CreateExportTask", "logs:CreateDelivery",
	"dynamodb:ExportTableToPointInTime", "dynamodb:ImportTable", "dynamodb:EnableKinesisStreamingDestination",

	// Queries over data of other services: answered with what was prepared.
	"athena:StartQueryExecution", "redshift-data:ExecuteStatement", "redshift-data:BatchExecuteStatement",
	"rds-data:ExecuteStatement", "rds-data:BatchExecuteStatement", "rds-data:BeginTransaction",
	"glue:StartJobRun", "glue:StartCrawler",
}
