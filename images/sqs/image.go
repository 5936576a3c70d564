package sqs

import "localcloud/images"

// Image is the catalog's entry of the native SQS backend.
func Image() *images.Image {
	return &images.Image{Name: "sqs", Services: []string{"sqs"}, New: New}
}
