// Package catalog is the list of all backend images, and finds the image that a configuration means.
// To add a backend, write a folder beside this one and add a line to entries.
package catalog

import (
	"slices"

	"localcloud/images"
	"localcloud/images/dynalite"
	"localcloud/images/dynamodb"
	"localcloud/images/dynamodblocal"
	"localcloud/images/elasticmq"
	"localcloud/images/kinesislocal"
	"localcloud/images/moto"
	"localcloud/images/s3"
	"localcloud/images/sns"
	"localcloud/images/sqs"
	"localcloud/images/sts"
	"localcloud/images/versitygw"
)

// entries lists every image there is, made anew at each call. A service goes to the first entry that
// names it and is no alternative, and what none names to the first with "*".
var entries = func() []*images.Image {
	return []*images.Image{
		dynamodb.Image(),
		s3.Image(),
		sns.Image(),
		sqs.Image(),
		sts.Image(),
		moto.Image(),

		elasticmq.Image(),
		dynamodblocal.Image(),
		dynalite.Image(),
		versitygw.Image(),
		kinesislocal.Image(),
	}
}

// Images returns a copy of every entry, in the order of preference.
func Images() []*images.Image { return entries() }

// Lookup returns a copy of the entry of that name, or nil.
func Lookup(name string) *images.Image {
	all := entries()
	if i := slices.IndexFunc(all, func(image *images.Image) bool { return image.Name == name }); i >= 0 {
		return all[i]
	}
	return nil
}
