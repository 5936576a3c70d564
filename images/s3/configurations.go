package s3

import (
	"context"
	"encoding/json"
	"slices"

	"localcloud/images/s3/store"
)

// Configurations that are kept as state, under these names.
const (
	settingOwnership    = "ownership"    // value of ObjectOwnership; "-" after it was deleted
	settingPublicAccess = "publicAccess" // JSON; "-" after it was deleted
	deletedSetting      = "-"

	settingLocation = "location" // the constraint of the bucket's creation, where it is not the region
)

func encodeSetting(v any) (string, error) {
	value, err := json.Marshal(v)
	return string(value), err
}

func validOwnership(value string) bool {
	return slices.Contains([]string{"BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"}, value)
}

// change sets a configuration of a bucket.
func change(bucket *store.Bucket, name, value string) error {
	return gone(bucket.Change(func(now *store.Settings) (*store.Settings, error) { return now.With(name, value), nil }), bucket)
}

// getBucketOwnershipControls performs GetBucketOwnershipControls.
func (b *Backend) getBucketOwnershipControls(_ context.Context, in *GetBucketOwnershipControlsInput) (*GetBucketOwnershipControlsOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	value, found := bucket.Settings().Values[settingOwnership]
	switch {
	case !found:
		value = "BucketOwnerEnforced"
	case value == deletedSetting:
		return nil, fail(404, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found", "BucketName", in.Bucket)
	}
	return &GetBucketOwnershipControlsOutput{OwnershipControls: &OwnershipControls{
		Rules: []OwnershipControlsRule{{ObjectOwnership: value}},
	}}, nil
}

// putBucketOwnershipControls performs PutBucketOwnershipControls.
func (b *Backend) putBucketOwnershipControls(_ context.Context, in *PutBucketOwnershipControlsInput) (*PutBucketOwnershipControlsOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	if in.OwnershipControls == nil || len(in.OwnershipControls.Rules) != 1 || !validOwnership(in.OwnershipControls.Rules[0].ObjectOwnership) {
		return nil, malformedXML()
	}
	return &PutBucketOwnershipControlsOutput{}, change(bucket, settingOwnership, in.OwnershipControls.Rules[0].ObjectOwnership)
}

// deleteBucketOwnershipControls performs DeleteBucketOwnershipControls.
func (b *Backend) deleteBucketOwnershipControls(_ context.Context, in *DeleteBucketOwnershipControlsInput) (*DeleteBucketOwnershipControlsOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	return &DeleteBucketOwnershipControlsOutput{}, change(bucket, settingOwnership, deletedSetting)
}

// getPublicAccessBlock performs GetPublicAccessBlock. A new bucket blocks everything.
func (b *Backend) getPublicAccessBlock(_ context.Context, in *GetPublicAccessBlockInput) (*GetPublicAccessBlockOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	value, found := bucket.Settings().Values[settingPublicAccess]
	if value == deletedSetting {
		return nil, fail(404, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found", "BucketName", in.Bucket)
	}
	all := &PublicAccessBlockConfiguration{BlockPublicAcls: ptr(true), IgnorePublicAcls: ptr(true), BlockPublicPolicy: ptr(true), RestrictPublicBuckets: ptr(true)}
	if found {
		if err := json.Unmarshal([]byte(value), all); err != nil {
			return nil, err
		}
	}
	return &GetPublicAccessBlockOutput{PublicAccessBlockConfiguration: all}, nil
}

// putPublicAccessBlock performs PutPublicAccessBlock.
func (b *Backend) putPublicAccessBlock(_ context.Context, in *PutPublicAccessBlockInput) (*PutPublicAccessBlockOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	c := in.PublicAccessBlockConfiguration
	if c == nil {
		return nil, malformedXML()
	}
	value, err := encodeSetting(PublicAccessBlockConfiguration{
		BlockPublicAcls: ptr(deref(c.BlockPublicAcls)), IgnorePublicAcls: ptr(deref(c.IgnorePublicAcls)),
		BlockPublicPolicy: ptr(deref(c.BlockPublicPolicy)), RestrictPublicBuckets: ptr(deref(c.RestrictPublicBuckets)),
	})
	if err != nil {
		return nil, err
	}
	return &PutPublicAccessBlockOutput{}, change(bucket, settingPublicAccess, value)
}

// deletePublicAccessBlock performs DeletePublicAccessBlock.
func (b *Backend) deletePublicAccessBlock(_ context.Context, in *DeletePublicAccessBlockInput) (*DeletePublicAccessBlockOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	return &DeletePublicAccessBlockOutput{}, change(bucket, settingPublicAccess, deletedSetting)
}

// getBucketVersioning performs GetBucketVersioning.
func (b *Backend) getBucketVersioning(_ context.Context, in *GetBucketVersioningInput) (*GetBucketVersioningOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	return &GetBucketVersioningOutput{Status: optional(string(bucket.Settings().Versioning))}, nil
}

// putBucketVersioning performs PutBucketVersioning.
func (b *Backend) putBucketVersioning(_ context.Context, in *PutBucketVersioningInput) (*PutBucketVersioningOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	c := in.VersioningConfiguration
	switch {
	case c == nil || c.Status == nil && c.MFADelete == nil:
		return nil, fail(400, "IllegalVersioningConfigurationException", "The Versioning element must be specified")
	case c.Status == nil || *c.Status != string(store.Enabled) && *c.Status != string(store.Suspended):
		return nil, malformedXML()
	case deref(c.MFADelete) == "Enabled":
		return nil, notPerformed("MFA Delete")
	}
	return &PutBucketVersioningOutput{}, gone(bucket.Change(func(now *store.Settings) (*store.Settings, error) {
		return &store.Settings{Versioning: store.Versioning(*c.Status), Values: now.Values}, nil
	}), bucket)
}
