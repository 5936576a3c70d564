package s3

import "localcloud/images/native"

// operations is the table of the operations over structures. Those that work on the request itself
// stand in Backend.direct; what is in neither is answered with 501 by package native.
func (b *Backend) operations() []native.Operation {
	table := []native.Operation{
		op(b, "CreateBucket", b.createBucket),
		op(b, "DeleteBucket", b.deleteBucket),
		op(b, "HeadBucket", b.headBucket),
		op(b, "ListBuckets", b.listBuckets),
		op(b, "GetBucketLocation", b.getBucketLocation),

		op(b, "CopyObject", b.copyObject),
		op(b, "DeleteObject", b.deleteObject),
		op(b, "DeleteObjects", b.deleteObjects),
		op(b, "GetObjectAttributes", b.getObjectAttributes),

		op(b, "CreateMultipartUpload", b.createMultipartUpload),
		op(b, "UploadPartCopy", b.uploadPartCopy),
		op(b, "CompleteMultipartUpload", b.completeMultipartUpload),
		op(b, "AbortMultipartUpload", b.abortMultipartUpload),

		op(b, "ListObjects", b.listObjects),
		op(b, "ListObjectsV2", b.listObjectsV2),
		op(b, "ListObjectVersions", b.listObjectVersions),
		op(b, "ListMultipartUploads", b.listMultipartUploads),
		op(b, "ListParts", b.listParts),

		op(b, "GetObjectTagging", b.getObjectTagging),
		op(b, "PutObjectTagging", b.putObjectTagging),
		op(b, "DeleteObjectTagging", b.deleteObjectTagging),
		op(b, "GetBucketTagging", b.getBucketTagging),
		op(b, "PutBucketTagging", b.putBucketTagging),
		op(b, "DeleteBucketTagging", b.deleteBucketTagging),

		op(b, "GetBucketVersioning", b.getBucketVersioning),
		op(b, "PutBucketVersioning", b.putBucketVersioning),
		op(b, "GetBucketOwnershipControls", b.getBucketOwnershipControls),
		op(b, "PutBucketOwnershipControls", b.putBucketOwnershipControls),
		op(b, "DeleteBucketOwnershipControls", b.deleteBucketOwnershipControls),
		op(b, "GetPublicAccessBlock", b.getPublicAccessBlock),
		op(b, "PutPublicAccessBlock", b.putPublicAccessBlock),
		op(b, "DeletePublicAccessBlock", b.deletePublicAccessBlock),

		op(b, "GetObjectAcl", b.getObjectAcl),
		op(b, "PutObjectAcl", b.putObjectAcl),
		op(b, "PutBucketAcl", b.putBucketAcl),
		op(b, "PutBucketEncryption", b.putBucketEncryption),
		op(b, "PutBucketRequestPayment", b.putBucketRequestPayment),
		op(b, "PutBucketLogging", b.putBucketLogging),
		op(b, "PutBucketNotificationConfiguration", b.putBucketNotificationConfiguration),
	}
	return append(table, b.neverSet()...)
}
