// Package kinesislocal describes kinesis-mock, Kinesis Data Streams in JSON and CBOR with enhanced
// fan-out. It keeps streams by account, which the access key tells, and by region.
package kinesislocal

import (
	"time"

	"localcloud/images"
)

// Image returns the entry.
func Image() *images.Image {
	return &images.Image{
		Name:        "kinesis-local",
		Services:    []string{"kinesis"},
		Alternative: true,
		Reference:   "ghcr.io/etspaceman/kinesis-mock:0.6.2",
		Command:     []string{"kinesis-local"},
		Install:     "npm install -g kinesis-local@0.6.2",
		Port:        4568,
		Probe:       images.Probe{Path: "/healthcheck", Timeout: time.Minute},
		Env: map[string]string{
			"KINESIS_MOCK_PLAIN_PORT": "{port}",
			"KINESIS_MOCK_TLS_PORT":   "0", // any free one; it is not used
			"SHOULD_PERSIST_DATA":     "{persist}",
			"PERSIST_PATH":            "{dir}",
			"LOG_LEVEL":               "WARN",
		},
		Volume:  "/data",
		User:    "0:0", // the volume is root's
		Memory:  512 << 20,
		Lenient: true, // what lacks a member ends in an error of its decoder
	}
}
