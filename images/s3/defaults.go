package s3

import (
	"context"
	"errors"

	"localcloud/gateway/aws"
	"localcloud/images/native"
	"localcloud/images/s3/store"
)

// What hangs on bucket configurations is not performed yet: to set one is refused. To read one answers
// as AWS does for a bucket that never had it, so that tools which read everything back keep working;
// to delete one that was never set changes nothing and is answered as AWS does.

// never makes the operation that reads or deletes a configuration which no bucket has.
func never[In, Out any](b *Backend, name string, bucketOf func(*In) string, answer func(*store.Bucket) (*Out, error)) native.Operation {
	return op(b, name, func(_ context.Context, in *In) (*Out, error) {
		bucket, err := b.bucket(bucketOf(in))
		if err != nil {
			return nil, err
		}
		return answer(bucket)
	})
}

// missing is an answer that says that there is no such configuration.
func missing[Out any](code, message string) func(*store.Bucket) (*Out, error) {
	return func(bucket *store.Bucket) (*Out, error) {
		return nil, fail(404, code, message, "BucketName", bucket.Name)
	}
}

// blank is an answer without content.
func blank[Out any](*store.Bucket) (*Out, error) { return new(Out), nil }

func (b *Backend) neverSet() []native.Operation {
	return []native.Operation{
		never(b, "GetBucketPolicy", func(in *GetBucketPolicyInput) string { return in.Bucket },
			missing[GetBucketPolicyOutput]("NoSuchBucketPolicy", "The bucket policy does not exist")),
		never(b, "GetBucketPolicyStatus", func(in *GetBucketPolicyStatusInput) string { return in.Bucket },
			missing[GetBucketPolicyStatusOutput]("NoSuchBucketPolicy", "The bucket policy does not exist")),
		never(b, "GetBucketCors", func(in *GetBucketCorsInput) string { return in.Bucket },
			missing[GetBucketCorsOutput]("NoSuchCORSConfiguration", "The CORS configuration does not exist")),
		never(b, "GetBucketLifecycle", func(in *GetBucketLifecycleInput) string { return in.Bucket },
			missing[GetBucketLifecycleOutput]("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")),
		never(b, "GetBucketLifecycleConfiguration", func(in *GetBucketLifecycleConfigurationInput) string { return in.Bucket },
			missing[GetBucketLifecycleConfigurationOutput]("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")),
		never(b, "GetBucketReplication", func(in *GetBucketReplicationInput) string { return in.Bucket },
			missing[GetBucketReplicationOutput]("ReplicationConfigurationNotFoundError", "The replication configuration was not found")),
		never(b, "GetBucketWebsite", func(in *GetBucketWebsiteInput) string { return in.Bucket },
			missing[GetBucketWebsiteOutput]("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration")),
		never(b, "GetObjectLockConfiguration", func(in *GetObjectLockConfigurationInput) string { return in.Bucket },
			missing[GetObjectLockConfigurationOutput]("ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket")),
		never(b, "GetBucketAnalyticsConfiguration", func(in *GetBucketAnalyticsConfigurationInput) string { return in.Bucket }, noConfiguration[GetBucketAnalyticsConfigurationOutput]),
		never(b, "GetBucketIntelligentTieringConfiguration", func(in *GetBucketIntelligentTieringConfigurationInput) string { return in.Bucket }, noConfiguration[GetBucketIntelligentTieringConfigurationOutput]),
		never(b, "GetBucketInventoryConfiguration", func(in *GetBucketInventoryConfigurationInput) string { return in.Bucket }, noConfiguration[GetBucketInventoryConfigurationOutput]),
		never(b, "GetBucketMetricsConfiguration", func(in *GetBucketMetricsConfigurationInput) string { return in.Bucket }, noConfiguration[GetBucketMetricsConfigurationOutput]),
		never(b, "GetBucketAccelerateConfiguration", func(in *GetBucketAccelerateConfigurationInput) string { return in.Bucket }, blank[GetBucketAccelerateConfigurationOutput]),
		never(b, "GetBucketLogging", func(in *GetBucketLoggingInput) string { return in.Bucket }, blank[GetBucketLoggingOutput]),
		never(b, "GetBucketNotification", func(in *GetBucketNotificationInput) string { return in.Bucket }, blank[GetBucketNotificationOutput]),
		never(b, "GetBucketNotificationConfiguration", func(in *GetBucketNotificationConfigurationInput) string { return in.Bucket }, blank[GetBucketNotificationConfigurationOutput]),
		never(b, "GetBucketRequestPayment", func(in *GetBucketRequestPaymentInput) string { return in.Bucket },
			func(*store.Bucket) (*GetBucketRequestPaymentOutput, error) {
				return &GetBucketRequestPaymentOutput{Payer: ptr("BucketOwner")}, nil
			}),
		never(b, "GetBucketAbac", func(in *GetBucketAbacInput) string { return in.Bucket }, func(*store.Bucket) (*GetBucketAbacOutput, error) {
			return &GetBucketAbacOutput{AbacStatus: &AbacStatus{Status: ptr("Disabled")}}, nil
		}),
		never(b, "GetObjectRetention", func(in *GetObjectRetentionInput) string { return in.Bucket }, unlocked[GetObjectRetentionOutput]),
		never(b, "GetObjectLegalHold", func(in *GetObjectLegalHoldInput) string { return in.Bucket }, unlocked[GetObjectLegalHoldOutput]),
		never(b, "GetBucketEncryption", func(in *GetBucketEncryptionInput) string { return in.Bucket }, defaultEncryption),
		never(b, "GetBucketAcl", func(in *GetBucketAclInput) string { return in.Bucket }, func(bucket *store.Bucket) (*GetBucketAclOutput, error) {
			return &GetBucketAclOutput{Owner: ownerOf(bucket), Grants: ownerGrants(bucket)}, nil
		}),
		never(b, "ListBucketAnalyticsConfigurations", func(in *ListBucketAnalyticsConfigurationsInput) string { return in.Bucket },
			func(*store.Bucket) (*ListBucketAnalyticsConfigurationsOutput, error) {
				return &ListBucketAnalyticsConfigurationsOutput{IsTruncated: ptr(false)}, nil
			}),
		never(b, "ListBucketIntelligentTieringConfigurations", func(in *ListBucketIntelligentTieringConfigurationsInput) string { return in.Bucket },
			func(*store.Bucket) (*ListBucketIntelligentTieringConfigurationsOutput, error) {
				return &ListBucketIntelligentTieringConfigurationsOutput{IsTruncated: ptr(false)}, nil
			}),
		never(b, "ListBucketInventoryConfigurations", func(in *ListBucketInventoryConfigurationsInput) string { return in.Bucket },
			func(*store.Bucket) (*ListBucketInventoryConfigurationsOutput, error) {
				return &ListBucketInventoryConfigurationsOutput{IsTruncated: ptr(false)}, nil
			}),
		never(b, "ListBucketMetricsConfigurations", func(in *ListBucketMetricsConfigurationsInput) string { return in.Bucket },
			func(*store.Bucket) (*ListBucketMetricsConfigurationsOutput, error) {
				return &ListBucketMetricsConfigurationsOutput{IsTruncated: ptr(false)}, nil
			}),

		never(b, "DeleteBucketPolicy", func(in *DeleteBucketPolicyInput) string { return in.Bucket }, blank[DeleteBucketPolicyOutput]),
		never(b, "DeleteBucketCors", func(in *DeleteBucketCorsInput) string { return in.Bucket }, blank[DeleteBucketCorsOutput]),
		never(b, "DeleteBucketLifecycle", func(in *DeleteBucketLifecycleInput) string { return in.Bucket }, blank[DeleteBucketLifecycleOutput]),
		never(b, "DeleteBucketReplication", func(in *DeleteBucketReplicationInput) string { return in.Bucket }, blank[DeleteBucketReplicationOutput]),
		never(b, "DeleteBucketWebsite", func(in *DeleteBucketWebsiteInput) string { return in.Bucket }, blank[DeleteBucketWebsiteOutput]),
		never(b, "DeleteBucketEncryption", func(in *DeleteBucketEncryptionInput) string { return in.Bucket }, blank[DeleteBucketEncryptionOutput]),
		never(b, "DeleteBucketAnalyticsConfiguration", func(in *DeleteBucketAnalyticsConfigurationInput) string { return in.Bucket }, noConfiguration[DeleteBucketAnalyticsConfigurationOutput]),
		never(b, "DeleteBucketIntelligentTieringConfiguration", func(in *DeleteBucketIntelligentTieringConfigurationInput) string { return in.Bucket }, noConfiguration[DeleteBucketIntelligentTieringConfigurationOutput]),
		never(b, "DeleteBucketInventoryConfiguration", func(in *DeleteBucketInventoryConfigurationInput) string { return in.Bucket }, noConfiguration[DeleteBucketInventoryConfigurationOutput]),
		never(b, "DeleteBucketMetricsConfiguration", func(in *DeleteBucketMetricsConfigurationInput) string { return in.Bucket }, noConfiguration[DeleteBucketMetricsConfigurationOutput]),
	}
}

// unlocked is the answer to questions for locks of objects: no bucket has object lock.
func unlocked[Out any](*store.Bucket) (*Out, error) {
	return nil, invalidRequest("Bucket is missing Object Lock Configuration")
}

func noConfiguration[Out any](*store.Bucket) (*Out, error) {
	return nil, fail(404, "NoSuchConfiguration", "The specified configuration does not exist.")
}

func defaultEncryption(*store.Bucket) (*GetBucketEncryptionOutput, error) {
	return &GetBucketEncryptionOutput{ServerSideEncryptionConfiguration: &ServerSideEncryptionConfiguration{
		Rules: []ServerSideEncryptionRule{{
			ApplyServerSideEncryptionByDefault: &ServerSideEncryptionByDefault{SSEAlgorithm: "AES256"}, BucketKeyEnabled: ptr(false),
		}},
	}}, nil
}

// ownerGrants is the default access control list: the owner may do everything.
func ownerGrants(bucket *store.Bucket) []Grant {
	return []Grant{{Grantee: &Grantee{ID: ptr(ownerID(bucket.Owner)), Type: "CanonicalUser"}, Permission: ptr("FULL_CONTROL")}}
}

// getObjectAcl performs GetObjectAcl.
func (b *Backend) getObjectAcl(ctx context.Context, in *GetObjectAclInput) (*GetObjectAclOutput, error) {
	bucket, _, err := b.tagged(ctx, in.Bucket, in.Key, in.VersionId)
	var e *aws.Error
	if in.VersionId == nil && errors.As(err, &e) && e.Code == "MethodNotAllowed" {
		return nil, noSuchKey(in.Key) // unlike the operations on tags
	}
	if err != nil {
		return nil, err
	}
	return &GetObjectAclOutput{Owner: ownerOf(bucket), Grants: ownerGrants(bucket)}, nil
}

// putObjectAcl performs PutObjectAcl as far as it asks for the default.
func (b *Backend) putObjectAcl(ctx context.Context, in *PutObjectAclInput) (*PutObjectAclOutput, error) {
	bucket, _, err := b.tagged(ctx, in.Bucket, in.Key, in.VersionId)
	if err != nil {
		return nil, err
	}
	return &PutObjectAclOutput{}, onlyOwner(bucket, in.ACL, in.AccessControlPolicy)
}

// putBucketAcl performs PutBucketAcl as far as it asks for the default.
func (b *Backend) putBucketAcl(_ context.Context, in *PutBucketAclInput) (*PutBucketAclOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	return &PutBucketAclOutput{}, onlyOwner(bucket, in.ACL, in.AccessControlPolicy)
}

// onlyOwner passes an access control list that is the default. Canned ones are checked by guard.
func onlyOwner(bucket *store.Bucket, canned *string, policy *AccessControlPolicy) error {
	switch {
	case canned != nil && policy != nil:
		return fail(400, "UnexpectedContent", "This request does not support content")
	case canned != nil:
		return nil
	case policy == nil:
		return fail(400, "MissingSecurityHeader", "Your request was missing a required header", "MissingHeaderName", "x-amz-acl")
	case len(policy.Grants) == 1 && policy.Grants[0].Grantee != nil && deref(policy.Grants[0].Grantee.ID) == ownerID(bucket.Owner) &&
		deref(policy.Grants[0].Permission) == "FULL_CONTROL":
		return nil
	}
	return notPerformed("An access control list that grants more than the default")
}

// Setting a configuration to what every bucket has anyway is answered; all else is refused.

func (b *Backend) putBucketEncryption(_ context.Context, in *PutBucketEncryptionInput) (*PutBucketEncryptionOutput, error) {
	if _, err := b.bucket(in.Bucket); err != nil {
		return nil, err
	}
	c := in.ServerSideEncryptionConfiguration
	if c == nil || len(c.Rules) != 1 || c.Rules[0].ApplyServerSideEncryptionByDefault == nil {
		return nil, malformedXML()
	}
	rule := c.Rules[0]
	if by := rule.ApplyServerSideEncryptionByDefault; by.SSEAlgorithm != "AES256" || by.KMSMasterKeyID != nil || deref(rule.BucketKeyEnabled) || rule.BlockedEncryptionTypes != nil {
		return nil, notPerformed("A default encryption other than AES256")
	}
	return &PutBucketEncryptionOutput{}, nil
}

func (b *Backend) putBucketRequestPayment(_ context.Context, in *PutBucketRequestPaymentInput) (*PutBucketRequestPaymentOutput, error) {
	if _, err := b.bucket(in.Bucket); err != nil {
		return nil, err
	}
	switch c := in.RequestPaymentConfiguration; {
	case c == nil || c.Payer != "BucketOwner" && c.Payer != "Requester":
		return nil, malformedXML()
	case c.Payer == "Requester":
		return nil, notPerformed("Payment by the requester")
	}
	return &PutBucketRequestPaymentOutput{}, nil
}

func (b *Backend) putBucketLogging(_ context.Context, in *PutBucketLoggingInput) (*PutBucketLoggingOutput, error) {
	if _, err := b.bucket(in.Bucket); err != nil {
		return nil, err
	}
	if in.BucketLoggingStatus != nil && in.BucketLoggingStatus.LoggingEnabled != nil {
		return nil, notPerformed("Server access logging")
	}
	return &PutBucketLoggingOutput{}, nil
}

func (b *Backend) putBucketNotificationConfiguration(_ context.Context, in *PutBucketNotificationConfigurationInput) (*PutBucketNotificationConfigurationOutput, error) {
	if _, err := b.bucket(in.Bucket); err != nil {
		return nil, err
	}
	c := in.NotificationConfiguration
	if c != nil && (len(c.TopicConfigurations) > 0 || len(c.QueueConfigurations) > 0 || len(c.LambdaFunctionConfigurations) > 0 || c.EventBridgeConfiguration != nil) {
		return nil, notPerformed("Delivery of notifications by the backend itself")
	}
	return &PutBucketNotificationConfigurationOutput{}, nil
}

// op is native.Op with errors made into those of S3. They are kept for RoundTrip, which writes them
// with all of their elements.
func op[In, Out any](b *Backend, name string, f func(context.Context, *In) (*Out, error)) native.Operation {
	return native.Op(name, func(ctx context.Context, in *In) (*Out, error) {
		out, err := f(ctx, in)
		if err != nil {
			r := requestFrom(ctx)
			r.failed = b.known(r.call, err)
			return nil, r.failed
		}
		return out, nil
	})
}
