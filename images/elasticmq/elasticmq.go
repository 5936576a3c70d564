// Package elasticmq describes ElasticMQ, a message queue with the interface of SQS in both of its
// protocols. One process knows one account and region, so there is one for each that is used.
package elasticmq

import (
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// Image returns the entry.
func Image() *images.Image {
	return &images.Image{
		Name:        "elasticmq",
		Services:    []string{"sqs"},
		Alternative: true,
		Reference:   "softwaremill/elasticmq-native:1.6.14",
		Command:     []string{"elasticmq-server", "-Dconfig.override_with_env_vars=true"},
		Install:     "put its elasticmq-server on the PATH; test/images/elasticmq/install fetches it from Maven Central",
		Args:        []string{"-Dconfig.override_with_env_vars=true"},
		Port:        9324,
		Probe:       images.Probe{Path: "/health", Timeout: time.Minute},
		// Its settings by the names that its configuration library gives them.
		Env: map[string]string{
			"CONFIG_FORCE_rest__sqs_bind__port":      "{port}",
			"CONFIG_FORCE_rest__sqs_bind__hostname":  "0.0.0.0",
			"CONFIG_FORCE_rest__stats_enabled":       "false",
			"CONFIG_FORCE_node__address_host":        "*", // queue URLs follow the request's host
			"CONFIG_FORCE_aws_accountId":             "{account}",
			"CONFIG_FORCE_aws_region":                "{region}",
			"CONFIG_FORCE_messages__storage_enabled": "{persist}",
			"CONFIG_FORCE_messages__storage_uri":     "jdbc:h2:{dir}/messages",
			"CONFIG_FORCE_queues__storage_enabled":   "{persist}",
			"CONFIG_FORCE_queues__storage_path":      "{dir}/queues.conf",
			"JAVA_OPTS":                              "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
		},
		Volume: "/data",
		User:   "0:0", // the volume is root's
		Memory: 512 << 20,
		// In the query protocol some of its answers have the wrong root.
		Protocols: []aws.Protocol{aws.JSON10},
		Account:   images.AccountMode{Instance: true},
		Lenient:   true, // what lacks a member ends in an internal error
		Missing: []string{
			// It answers these with success and does nothing.
			"sqs:AddPermission", "sqs:RemovePermission",
		},
	}
}
