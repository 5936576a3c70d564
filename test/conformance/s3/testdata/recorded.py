"""Repeats what recorded tests did on AWS and compares the answers.

recorded.json holds answers of AWS, recorded by the LocalStack project (Apache-2.0), by the name of the test.
Each function below has the name of a test and makes its calls again; what differs from the recording is
printed, and the exit code is 1. Placeholders in the recording match anything.

usage: recorded.py ENDPOINT [NAME...]
"""

import json
import os
import re
import sys
import time
import traceback
from datetime import datetime, timedelta, timezone

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

RECORDED = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorded.json")))
# values that stand for something that differs from run to run
STANDS_FOR = {"datetime", "date", "bucket", "display-name", "i-d", "owner-id", "host-id", "<owner-id>"}


class Run:
    def __init__(self, client, plain, name):
        self.plain = plain  # sends no checksum that it is not asked for
        self.c, self.recorded, self.problems, self.seen = client, RECORDED[name], [], set()
        self.name = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") + "-%x" % (time.time_ns() & 0xFFFFFFFF)
        self.count = 0

    def bucket(self, versioned=False):
        self.count += 1
        name = "%s-%d" % (self.name, self.count)
        self.c.create_bucket(Bucket=name)
        if versioned:
            self.c.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def call(self, label, operation, **arguments):
        """Calls and compares with the recorded answer of that label; returns the answer."""
        client = self.plain if arguments.pop("plain", False) else self.c
        try:
            answer = getattr(client, operation)(**arguments)
        except ClientError as e:
            answer = e.response
        if "Body" in answer:
            answer["Body"] = answer["Body"].read().decode()
        self.seen.add(label)
        self.compare(label, self.recorded[label], answer)
        return answer

    def compare(self, path, want, got):
        if isinstance(want, str) and (want in STANDS_FOR or re.search("<[^<>]+>", want)):
            if got is None:
                self.problems.append("%s is missing, want %s" % (path, want))
        elif path.endswith("/ResponseMetadata"):
            if want["HTTPStatusCode"] != got["HTTPStatusCode"]:
                self.problems.append("%s: status %s, want %s" % (path, got["HTTPStatusCode"], want["HTTPStatusCode"]))
        elif isinstance(want, dict) and isinstance(got, dict):
            for key in sorted(set(want) | set(got)):
                if key not in want:
                    self.problems.append("%s has %s = %r, which AWS does not answer" % (path, key, got[key]))
                elif key not in got:
                    if want[key] is not None:
                        self.problems.append("%s has no %s, want %r" % (path, key, want[key]))
                else:
                    self.compare(path + "/" + key, want[key], got[key])
        elif isinstance(want, list) and isinstance(got, list):
            if len(want) != len(got):
                self.problems.append("%s has %d entries, want %d" % (path, len(got), len(want)))
            for i, (w, g) in enumerate(zip(want, got)):
                self.compare("%s/%d" % (path, i), w, g)
        elif want != got and not (want is None and not got):
            self.problems.append("%s is %r, want %r" % (path, got, want))


def test_delete_object(r):
    b = r.bucket()
    r.call("put-object", "put_object", Bucket=b, Key="test-delete", Body=b"test-delete")
    r.call("delete-object", "delete_object", Bucket=b, Key="test-delete")
    r.call("delete-nonexistent-object", "delete_object", Bucket=b, Key="test-delete")
    r.call("delete-nonexistent-object-versionid", "delete_object", Bucket=b, Key="test-delete", VersionId="HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD")


def test_delete_object_versioned(r):
    b = r.bucket(versioned=True)
    k = dict(Bucket=b, Key="test-delete")
    v1 = r.call("put-object", "put_object", Body=b"test-delete", **k)["VersionId"]
    v2 = r.call("delete-object", "delete_object", **k)["VersionId"]
    r.call("get-deleted-object", "get_object", **k)
    r.call("get-object-with-version", "get_object", VersionId=v1, **k)
    r.call("get-delete-marker", "get_object", VersionId=v2, **k)
    r.call("delete-object-2", "delete_object", **k)
    r.call("list-object-versions", "list_object_versions", Bucket=b, Prefix="test-delete")
    r.call("delete-delete-marker", "delete_object", VersionId=v2, **k)
    r.call("delete-object-version", "delete_object", VersionId=v1, **k)
    r.call("get-deleted-object-with-version", "get_object", VersionId=v1, **k)
    r.call("delete-with-bad-version", "delete_object", VersionId=v1[:-4] + "ABCD", **k)
    r.call("delete-wrong-key", "delete_object", Bucket=b, Key="wrong-key")


def test_delete_objects(r):
    b = r.bucket()
    r.call("put-object", "put_object", Bucket=b, Key="test-delete", Body=b"test-delete")
    r.call("delete-object-wrong-version-id", "delete_objects", Bucket=b,
           Delete={"Objects": [{"Key": "test-delete", "VersionId": "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"}]})
    r.call("delete-objects", "delete_objects", Bucket=b,
           Delete={"Objects": [{"Key": "a-wrong-key"}, {"Key": "c-wrong-key"}, {"Key": "test-delete"}]})


def test_delete_objects_versioned(r):
    b = r.bucket(versioned=True)
    v1 = r.call("put-object", "put_object", Bucket=b, Key="test-delete", Body=b"test-delete")["VersionId"]
    d = r.call("delete-objects-no-version-id", "delete_objects", Bucket=b,
               Delete={"Objects": [{"Key": "test-delete"}, {"Key": "wrongkey"}, {"Key": "wrongkey-x"}]})
    marker = d["Deleted"][0]["DeleteMarkerVersionId"]
    r.call("delete-objects-marker", "delete_objects", Bucket=b, Delete={"Objects": [{"Key": "test-delete", "VersionId": marker}]})
    wrong = v1[:-4] + "ABCD"
    r.call("delete-objects-wrong-version-id", "delete_objects", Bucket=b,
           Delete={"Objects": [{"Key": "test-delete", "VersionId": wrong}, {"Key": "wrong-key-2", "VersionId": wrong}]})
    r.call("delete-objects-version-id", "delete_objects", Bucket=b, Delete={"Objects": [{"Key": "test-delete", "VersionId": v1}]})


def test_delete_bucket_with_objects(r):
    b = r.bucket()
    r.c.put_object(Bucket=b, Key="k", Body=b"test-delete")
    r.call("delete-with-obj", "delete_bucket", Bucket=b)
    r.call("delete-obj", "delete_object", Bucket=b, Key="k")
    r.call("delete-bucket", "delete_bucket", Bucket=b)


def test_delete_versioned_bucket_with_objects(r):
    b = r.bucket(versioned=True)
    v1 = r.c.put_object(Bucket=b, Key="k", Body=b"x")["VersionId"]
    marker = r.c.delete_object(Bucket=b, Key="k")["VersionId"]
    r.call("delete-with-obj-and-delete-marker", "delete_bucket", Bucket=b)
    r.call("delete-obj-by-version", "delete_object", Bucket=b, Key="k", VersionId=v1)
    r.call("delete-with-only-delete-marker", "delete_bucket", Bucket=b)
    r.call("delete-marker-by-version", "delete_object", Bucket=b, Key="k", VersionId=marker)
    r.call("success-delete-bucket", "delete_bucket", Bucket=b)


def test_get_object_with_version_unversioned_bucket(r):
    b = r.bucket()
    r.call("put-object", "put_object", Bucket=b, Key="k", Body=b"test-version")
    r.call("get-obj-with-version", "get_object", Bucket=b, Key="k", VersionId="HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD")
    r.call("get-obj-with-null-version", "get_object", Bucket=b, Key="k", VersionId="null")


def test_put_object_on_suspended_bucket(r):
    b = r.bucket(versioned=True)
    k = dict(Bucket=b, Key="test-version")
    for i in range(3):
        r.call("put-object-%d" % i, "put_object", Body=b"test-version-%d" % i, **k)
    r.call("list-enabled", "list_object_versions", Bucket=b)
    r.c.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": "Suspended"})
    r.call("list-suspended", "list_object_versions", Bucket=b)
    r.call("put-object-suspended", "put_object", Body=b"test-version-suspended", **k)
    r.call("list-suspended-after-put", "list_object_versions", Bucket=b)
    r.call("put-object-suspended-overwrite", "put_object", Body=b"test-version-suspended", **k)
    r.call("list-suspended-after-overwrite", "list_object_versions", Bucket=b)
    r.call("get-object-current", "get_object", **k)


def test_bucket_tagging_crud(r):
    b = r.bucket()
    r.call("get-bucket-tags-empty", "get_bucket_tagging", Bucket=b)
    r.call("put-bucket-tags", "put_bucket_tagging", Bucket=b, Tagging={"TagSet": [{"Key": "tag1", "Value": "tag1"}, {"Key": "tag2", "Value": ""}]})
    r.call("get-bucket-tags", "get_bucket_tagging", Bucket=b)
    r.call("put-bucket-tags-overwrite", "put_bucket_tagging", Bucket=b, Tagging={"TagSet": [{"Key": "tag3", "Value": "tag3"}]})
    r.call("get-bucket-tags-overwritten", "get_bucket_tagging", Bucket=b)
    r.call("delete-bucket-tags", "delete_bucket_tagging", Bucket=b)
    r.call("put-bucket-tags-empty", "put_bucket_tagging", Bucket=b, Tagging={"TagSet": []})


def test_object_tagging_crud(r):
    k = dict(Bucket=r.bucket(), Key="test-tagging")
    r.call("put-object", "put_object", Body=b"test-tagging", **k)
    r.call("get-object-tags-empty", "get_object_tagging", **k)
    r.call("put-object-tags", "put_object_tagging", Tagging={"TagSet": [{"Key": "tag1", "Value": "tag1"}, {"Key": "tag2", "Value": ""}]}, **k)
    r.call("get-object-tags", "get_object_tagging", **k)
    r.call("put-object-tags-overwrite", "put_object_tagging", Tagging={"TagSet": [{"Key": "tag3", "Value": "tag3"}]}, **k)
    r.call("get-object-tags-overwritten", "get_object_tagging", **k)
    r.call("get-obj-after-tags", "get_object", **k)
    r.call("delete-object-tags", "delete_object_tagging", **k)
    r.call("get-object-tags-deleted", "get_object_tagging", **k)
    r.call("get-obj-after-tags-deleted", "get_object", **k)


def test_object_tagging_exc(r):
    none, b = r.name + "-none", r.bucket()
    r.call("get-no-bucket-tags", "get_object_tagging", Bucket=none, Key="fake-key")
    r.call("delete-no-bucket-tags", "delete_object_tagging", Bucket=none, Key="fake-key")
    tagging = {"TagSet": [{"Key": "tag1", "Value": "tag1"}]}
    r.call("put-no-bucket-tags", "put_object_tagging", Bucket=none, Key="fake-key", Tagging=tagging)
    r.call("get-no-key-tags", "get_object_tagging", Bucket=b, Key="fake-key")
    r.call("delete-no-key-tags", "delete_object_tagging", Bucket=b, Key="fake-key")
    r.call("put-no-key-tags", "put_object_tagging", Bucket=b, Key="fake-key", Tagging=tagging)
    r.call("put-obj-duplicate-tagging", "put_object", Bucket=b, Key="k", Body=b"", Tagging="key1=val1&key1=val2")
    r.call("put-obj-wrong-format", "put_object", Bucket=b, Key="k", Body=b"", Tagging="key1=val1,key2=val2")


def test_tagging_validation(r):
    b = r.bucket()
    r.c.put_object(Bucket=b, Key="k", Body=b"")
    sets = {
        "duplicate-keys": [("Key1", "Val1"), ("Key1", "Val1")], "invalid-key": [("Key1,Key2", "Val1")],
        "invalid-value": [("Key1", "Val1,Val2")], "aws-prefixed": [("aws:prefixed", "Val1")], "invalid-field": [("Key1,Key2", "Val1")],
    }
    for what, tags in sets.items():
        tagging = {"TagSet": [{"Key": k, "Value": v} for k, v in tags]}
        if what != "invalid-field":
            r.call("put-bucket-tags-" + what, "put_bucket_tagging", Bucket=b, Tagging=tagging)
        if what not in ("invalid-key", "invalid-value"):
            r.call("put-object-tags-" + what, "put_object_tagging", Bucket=b, Key="k", Tagging=tagging)


def test_put_object_acl_on_delete_marker(r):
    b = r.bucket(versioned=True)
    k = dict(Bucket=b, Key="test-key-versioned")
    r.call("put-obj-1", "put_object", Body=b"something", **k)
    r.call("put-obj-2", "put_object", Body=b"something-v2", **k)
    v = r.call("delete-object", "delete_object", **k)["VersionId"]
    r.call("put-acl-delete-marker", "put_object_acl", ACL="private", **k)
    r.call("get-acl-delete-marker", "get_object_acl", **k)
    r.call("put-acl-delete-marker-version-id", "put_object_acl", VersionId=v, ACL="private", **k)
    r.call("get-acl-delete-marker-version-id", "get_object_acl", VersionId=v, **k)


def test_upload_part_copy_range(r):
    b = r.bucket()
    r.call("put-src-object", "put_object", Bucket=b, Key="src", Body=b"0123456789")
    upload = r.call("create-multipart", "create_multipart_upload", Bucket=b, Key="test-upload-part-copy")["UploadId"]
    k = dict(Bucket=b, Key="test-upload-part-copy", UploadId=upload, CopySource=b + "/src")
    for i, span in enumerate(("0-8", "1-1", "0-0")):
        r.call("upload-part-copy-%d" % (i + 1), "upload_part_copy", CopySourceRange="bytes=" + span, PartNumber=i + 1, **k)
    r.call("list-parts", "list_parts", Bucket=b, Key="test-upload-part-copy", UploadId=upload)
    r.call("upload-part-copy-wrong-format", "upload_part_copy", CopySourceRange="0-8", PartNumber=1, **k)
    for span in ("1-0", "-1-", "0--1", "0-1,3-4,7-9", "-", "-0", "0-100", "100-200", "1-", "-2", "-15"):
        r.call("upload-part-copy-range-exc-" + span, "upload_part_copy", CopySourceRange="bytes=" + span, PartNumber=1, **k)


def test_get_object_range(r):
    b = r.bucket()
    r.c.put_object(Bucket=b, Key="k", Body=b"0123456789")
    for label in r.recorded:
        if not label.startswith("get-"):
            continue
        span = label[len("get-"):]
        arguments = {"ChecksumMode": "ENABLED"} if span.endswith("-checksum") else {}
        r.call(label, "get_object", Bucket=b, Key="k", Range="bytes=" + span.removesuffix("-checksum"), **arguments)


def multipart(r, b, label="create-multipart"):
    upload = r.call(label, "create_multipart_upload", Bucket=b, Key="test-precondition")["UploadId"]
    part = r.c.upload_part(Bucket=b, Key="test-precondition", UploadId=upload, PartNumber=1, Body=b"test")
    return dict(Bucket=b, Key="test-precondition", UploadId=upload, MultipartUpload={"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]})


def test_put_object_if_none_match(r):
    k = dict(Bucket=r.bucket(), Key="test-precondition")
    r.call("put-obj", "put_object", **k)
    r.call("put-obj-if-none-match", "put_object", IfNoneMatch="*", **k)
    r.call("del-obj", "delete_object", **k)
    r.call("put-obj-after-del", "put_object", IfNoneMatch="*", **k)


def test_put_object_if_none_match_validation(r):
    k = dict(Bucket=r.bucket(), Key="test-precondition-validation")
    r.call("put-obj", "put_object", **k)
    r.call("put-obj-if-none-match-bad-value", "put_object", IfNoneMatch="etag", **k)


def test_multipart_if_none_match_with_delete(r):
    b = r.bucket()
    k = dict(Bucket=b, Key="test-precondition")
    r.call("put-obj", "put_object", **k)
    m = multipart(r, b)
    r.call("complete-multipart-if-none-match", "complete_multipart_upload", IfNoneMatch="*", **m)
    r.call("del-obj", "delete_object", **k)
    r.call("complete-multipart-after-del", "complete_multipart_upload", IfNoneMatch="*", **m)


def test_multipart_if_none_match_with_put(r):
    b = r.bucket()
    m = multipart(r, b)
    r.call("put-obj", "put_object", Bucket=b, Key="test-precondition")
    r.call("complete-multipart-if-none-match-put-during", "complete_multipart_upload", IfNoneMatch="*", **m)


def test_multipart_if_match_with_put_identical(r):
    b = r.bucket()
    k = dict(Bucket=b, Key="test-precondition", Body=b"test")
    etag = r.call("put-obj", "put_object", **k)["ETag"]
    m = multipart(r, b)
    r.call("put-obj-during", "put_object", **k)
    r.call("complete-multipart-if-match-put-during", "complete_multipart_upload", IfMatch=etag, **m)


def test_multipart_if_match_with_delete(r):
    b = r.bucket()
    k = dict(Bucket=b, Key="test-precondition")
    etag = r.call("put-obj", "put_object", Body=b"test", **k)["ETag"]
    m = multipart(r, b)
    r.call("del-obj", "delete_object", **k)
    r.call("complete-multipart-after-del", "complete_multipart_upload", IfMatch=etag, **m)
    r.call("put-obj-2", "put_object", Body=b"test", **k)
    r.call("complete-multipart-if-match-after-put", "complete_multipart_upload", IfMatch=etag, **m)


def test_s3_copy_object_preconditions(r):
    b = r.bucket()
    r.c.put_object(Bucket=b, Key="src", Body=b"data")
    head = r.call("head-object", "head_object", Bucket=b, Key="src", ChecksumMode="DISABLED")
    k = dict(Bucket=b, Key="dst", CopySource=b + "/src")
    now, past, future = datetime.now(timezone.utc), timedelta(hours=-1), timedelta(hours=1)
    r.call("copy-precondition-if-match", "copy_object", CopySourceIfMatch="0" * 32, **k)
    r.call("copy-precondition-if-unmodified-since", "copy_object", CopySourceIfUnmodifiedSince=now + past, **k)
    r.call("copy-precondition-if-none-match", "copy_object", CopySourceIfNoneMatch=head["ETag"], **k)
    r.call("copy-precondition-if-modified-since", "copy_object", CopySourceIfModifiedSince=now, **k)
    r.call("copy-ignore-future-modified-since", "copy_object", CopySourceIfModifiedSince=now + future, **k)
    r.call("copy-etag-missing-quotes", "copy_object", CopySourceIfNoneMatch=head["ETag"].strip('"'), **k)
    r.call("copy-success", "copy_object", CopySourceIfMatch=head["ETag"], CopySourceIfNoneMatch="0" * 32,
           CopySourceIfModifiedSince=now + past, CopySourceIfUnmodifiedSince=now + future, **k)


def test_bucket_versioning_crud(r):
    b = r.bucket()
    r.call("get-versioning-before", "get_bucket_versioning", Bucket=b)

    def put(label, **configuration):
        r.call(label, "put_bucket_versioning", Bucket=b, VersioningConfiguration=configuration)
    put("put-versioning-suspended-before", Status="Suspended")
    r.call("get-versioning-after-suspended", "get_bucket_versioning", Bucket=b)
    put("put-versioning-enabled-lowercase", Status="enabled")
    put("put-versioning-enabled-capitalized", Status="Enabled")
    r.call("get-versioning-after-enabled", "get_bucket_versioning", Bucket=b)
    put("put-versioning-suspended-after", Status="Suspended")
    put("put-versioning-disabled", Status="Disabled")
    put("put-versioning-empty")


def test_crud_bucket_ownership_controls(r):
    b = r.bucket()
    r.call("default-ownership", "get_bucket_ownership_controls", Bucket=b)
    r.call("put-ownership", "put_bucket_ownership_controls", Bucket=b, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    r.call("get-ownership", "get_bucket_ownership_controls", Bucket=b)
    r.call("delete-ownership", "delete_bucket_ownership_controls", Bucket=b)
    r.call("get-ownership-after-delete", "get_bucket_ownership_controls", Bucket=b)
    r.call("delete-ownership-after-delete", "delete_bucket_ownership_controls", Bucket=b)


def test_crud_public_access_block(r):
    b = r.bucket()
    r.call("get-default-public-access-block", "get_public_access_block", Bucket=b)
    r.call("put-public-access-block", "put_public_access_block", Bucket=b, PublicAccessBlockConfiguration={"BlockPublicAcls": False})
    r.call("get-public-access-block", "get_public_access_block", Bucket=b)
    r.call("delete-public-access-block", "delete_public_access_block", Bucket=b)
    r.call("get-public-access-block-after-delete", "get_public_access_block", Bucket=b)
    r.call("idempotent-delete-public-access-block", "delete_public_access_block", Bucket=b)


def test_multipart_and_list_parts(r):
    b = r.bucket()
    k = dict(Bucket=b, Key="test-list-parts")
    k["UploadId"] = r.call("create-multipart", "create_multipart_upload", **k)["UploadId"]
    r.call("list-part-after-created", "list_parts", **k)
    r.call("list-all-uploads", "list_multipart_uploads", Bucket=b)
    part = r.call("upload-part", "upload_part", PartNumber=1, Body=b"upload-part-1" * 5, **k)
    r.call("list-part-after-upload", "list_parts", **k)
    r.call("list-all-uploads-after", "list_multipart_uploads", Bucket=b)
    r.call("complete-multipart", "complete_multipart_upload", MultipartUpload={"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}, **k)
    r.call("list-part-after-complete-exc", "list_parts", **k)
    r.call("list-all-uploads-completed", "list_multipart_uploads", Bucket=b)
    r.call("head-multipart-checksum", "head_object", Bucket=b, Key="test-list-parts", ChecksumMode="ENABLED")
    r.call("get-multipart-checksum", "get_object", Bucket=b, Key="test-list-parts", ChecksumMode="ENABLED")


def test_complete_multipart_parts_checksum_composite_SHA256(r):
    b = r.bucket()
    k = dict(Bucket=b, Key="test-multipart-checksum")
    k["UploadId"] = r.call("create-mpu-checksum", "create_multipart_upload", ChecksumAlgorithm="SHA256", **k)["UploadId"]
    parts = []
    for i, body in enumerate((b"a" * 5242881, b"a" * 5242881, b"a" * 10)):
        part = r.call("upload-part-%d" % i, "upload_part", PartNumber=i + 1, Body=body, ChecksumAlgorithm="SHA256", **k)
        parts.append({"ETag": part["ETag"], "PartNumber": i + 1, "ChecksumSHA256": part["ChecksumSHA256"]})
    r.call("list-parts", "list_parts", **k)
    wrong = parts[:2] + [dict(parts[2], ChecksumSHA256=parts[0]["ChecksumSHA256"])]
    r.call("complete-multipart-wrong-parts-checksum", "complete_multipart_upload", MultipartUpload={"Parts": wrong}, **k)
    bare = [{"ETag": p["ETag"], "PartNumber": p["PartNumber"]} for p in parts]
    r.call("complete-multipart-no-checksum", "complete_multipart_upload", MultipartUpload={"Parts": bare}, **k)
    r.call("complete-multipart-checksum", "complete_multipart_upload", MultipartUpload={"Parts": parts}, **k)
    k.pop("UploadId")
    r.call("head-object-with-checksum", "head_object", ChecksumMode="ENABLED", **k)
    r.call("get-object-attrs", "get_object_attributes", ObjectAttributes=["Checksum", "ETag", "ObjectParts"], **k)
    r.call("copy-obj-checksum", "copy_object", Bucket=b, Key="copy", CopySource=b + "/" + k["Key"])
    r.call("get-copy-object-attrs", "get_object_attributes", Bucket=b, Key="copy", ObjectAttributes=["Checksum", "ETag"])
    r.call("get-object-part-checksum", "get_object", PartNumber=3, ChecksumMode="ENABLED", **k)


def test_list_multiparts_next_marker(r):
    b = r.bucket()
    r.call("list-multiparts-empty", "list_multipart_uploads", Bucket=b)
    keys = ["test_c", "test_b"] + ["test_a"] * 3
    ids = {}
    for key in keys:
        ids.setdefault(key, []).append(r.c.create_multipart_upload(Bucket=b, Key=key)["UploadId"])
    r.call("list-multiparts-all", "list_multipart_uploads", Bucket=b)
    one = dict(Bucket=b, MaxUploads=1)
    r.call("list-multiparts-max-1", "list_multipart_uploads", **one)
    r.call("list-multiparts-next-key-only", "list_multipart_uploads", KeyMarker="test_a", **one)
    r.call("list-multiparts-next-key-last", "list_multipart_uploads", KeyMarker="test_c", **one)
    r.call("list-multiparts-next-upload-only", "list_multipart_uploads", UploadIdMarker=ids["test_a"][0], **one)
    r.call("list-multiparts-both-markers", "list_multipart_uploads", KeyMarker="test_a", UploadIdMarker=ids["test_a"][0], **one)
    r.call("list-multiparts-both-markers-2", "list_multipart_uploads", KeyMarker="test_a", UploadIdMarker=ids["test_a"][2], **one)
    r.call("list-multiparts-get-last-upload-no-truncate", "list_multipart_uploads", KeyMarker="test_b", UploadIdMarker=ids["test_b"][0], **one)
    r.call("list-multiparts-wrong-id-for-key", "list_multipart_uploads", KeyMarker="test_a", UploadIdMarker=ids["test_b"][0], **one)
    r.call("list-multiparts-next-key-empty", "list_multipart_uploads", KeyMarker="", **one)


def put_tree(r, b):
    for key in ("folder/aSubfolder/subFile1", "folder/aSubfolder/subFile2", "folder/file1", "folder/file2"):
        r.c.put_object(Bucket=b, Key=key, Body=b"content 123")


def test_list_objects_marker_common_prefixes(r):
    b = r.bucket()
    put_tree(r, b)
    r.call("list-objects-all-keys", "list_objects", Bucket=b)
    k = dict(Bucket=b, Prefix="folder/", Delimiter="/", MaxKeys=1)
    marker = r.call("list-objects-start", "list_objects", **k)["NextMarker"]
    marker = r.call("list-objects-next-1", "list_objects", Marker=marker, **k)["NextMarker"]
    r.call("list-objects-end", "list_objects", Marker=marker, **k)
    r.call("list-objects-manual-first-file", "list_objects", Marker="folder/aSubfolder/subFile1", **k)


def test_list_objects_v2_continuation_common_prefixes(r):
    b = r.bucket()
    put_tree(r, b)
    r.call("list-objects-v2-all-keys", "list_objects_v2", Bucket=b)
    k = dict(Bucket=b, Prefix="folder/", Delimiter="/", MaxKeys=1)
    token = r.call("list-objects-v2-start", "list_objects_v2", **k)["NextContinuationToken"]
    token = r.call("list-objects-v2-next-1", "list_objects_v2", ContinuationToken=token, **k)["NextContinuationToken"]
    r.call("list-objects-v2-end", "list_objects_v2", ContinuationToken=token, **k)


def test_list_object_versions_pagination_common_prefixes(r):
    b = r.bucket(versioned=True)
    put_tree(r, b)
    r.call("list-object-versions-all-keys", "list_object_versions", Bucket=b)
    k = dict(Bucket=b, Prefix="folder/", Delimiter="/", MaxKeys=1)
    marker = r.call("list-object-versions-start", "list_object_versions", **k)["NextKeyMarker"]
    marker = r.call("list-object-versions-next-1", "list_object_versions", KeyMarker=marker, **k)["NextKeyMarker"]
    r.call("list-object-versions-end", "list_object_versions", KeyMarker=marker, **k)
    r.call("list-object-versions-manual-first-file", "list_object_versions", KeyMarker="folder/aSubfolder/subFile1", **k)


def test_list_objects_versions_markers(r):
    b = r.bucket(versioned=True)
    keys = ["test_0", "test_1", "test_2"]
    first = [r.c.put_object(Bucket=b, Key=k, Body=b"version 1")["VersionId"] for k in keys]
    r.c.put_object(Bucket=b, Key="test_2", Body=b"version 2")
    markers = [r.c.delete_object(Bucket=b, Key=k)["VersionId"] for k in keys]
    for k in keys[:2]:
        r.c.put_object(Bucket=b, Key=k, Body=b"version 3")
    for label, problem in (("list-objects-next-version-only", dict(VersionIdMarker=markers[1])),
                           ("list-objects-next-key-only", dict(KeyMarker="test_1", MaxKeys=1)),
                           ("list-objects-next-key-last", dict(KeyMarker="test_2", MaxKeys=1)),
                           ("list-objects-both-markers", dict(KeyMarker="test_1", VersionIdMarker=markers[1], MaxKeys=1))):
        r.call(label, "list_object_versions", Bucket=b, **problem)



def test_s3_copy_object_in_place_metadata_directive(r):
    b = r.bucket()
    k = dict(Bucket=b, Key="source-object")
    r.call("put_object", "put_object", Body=b'{"key": "value"}', ContentType="application/json", Metadata={"key": "value"}, **k)
    r.call("head_object", "head_object", **k)
    c = dict(CopySource=b + "/source-object", **k)
    r.call("no-metadata-directive-fail", "copy_object", Metadata={"key2": "value2"}, ContentType="application/octet-stream", **c)
    r.call("copy-replace-directive", "copy_object", Metadata={"key2": "value2"}, MetadataDirective="REPLACE", **c)
    r.call("head-replace-directive", "head_object", **k)
    r.call("copy-copy-directive", "copy_object", MetadataDirective="COPY", StorageClass="STANDARD", **c)
    r.call("head-copy-directive", "head_object", **k)
    r.call("copy-copy-directive-ignore", "copy_object", Metadata={"key3": "value3"}, MetadataDirective="COPY", StorageClass="STANDARD", **c)
    r.call("head-copy-directive-ignore", "head_object", **k)
    r.call("copy-replace-directive-empty", "copy_object", MetadataDirective="REPLACE", **c)
    r.call("head-replace-directive-empty", "head_object", **k)


def test_s3_invalid_content_md5(r):
    b = r.bucket()
    for i, value in enumerate(["__invalid__", "000", "not base64 encoded checksum", "MTIz", "dGVzdC1zdHJpbmc="]):
        r.call("md5-error-%d" % i, "put_object", Bucket=b, Key="test-key", Body=b"something", ContentMD5=value)


def test_get_object_no_such_bucket(r):
    r.call("expected_error", "get_object", Bucket=r.name + "-none", Key="foobar")


def test_put_object_storage_class_GLACIER(r):
    b = r.bucket()
    r.c.put_object(Bucket=b, Key="k", Body=b"body-test", StorageClass="GLACIER")
    r.call("get-object", "get_object", Bucket=b, Key="k")


def test_get_object_part_FULL_OBJECT(r):
    part_checksum(r, "FULL_OBJECT")


def test_get_object_part_COMPOSITE(r):
    part_checksum(r, "COMPOSITE")


def part_checksum(r, kind):
    b = r.bucket()
    k = dict(Bucket=b, Key="test-multipart-checksum")
    upload = r.call("create-mpu-checksum", "create_multipart_upload", ChecksumAlgorithm="CRC32C", ChecksumType=kind, **k)["UploadId"]
    part = r.call("upload-part", "upload_part", UploadId=upload, PartNumber=1, Body=b"test content 123", plain=True, **k)
    r.call("complete-multipart-checksum", "complete_multipart_upload", UploadId=upload,
           MultipartUpload={"Parts": [{"ETag": part["ETag"], "ChecksumCRC32C": part["ChecksumCRC32C"], "PartNumber": 1}]}, **k)
    r.call("head-object-part", "head_object", PartNumber=1, ChecksumMode="ENABLED", **k)
    r.call("get-object-part", "get_object", PartNumber=1, ChecksumMode="ENABLED", **k)


def test_get_object_part(r):
    b = r.bucket()
    k = dict(Bucket=b, Key="test.file")
    upload = r.c.create_multipart_upload(**k)["UploadId"]
    parts = []
    for i, body in enumerate((b"test content 123" * 327681, b"test content 123")):
        etag = r.c.upload_part(UploadId=upload, PartNumber=i + 1, Body=body, **k)["ETag"]
        parts.append({"ETag": etag, "PartNumber": i + 1})
    r.call("multipart-upload", "complete_multipart_upload", UploadId=upload, MultipartUpload={"Parts": parts}, **k)
    r.call("head-object-part", "head_object", PartNumber=2, **k)
    r.call("get-object-part", "get_object", PartNumber=2, **k)
    r.call("part-doesnt-exist", "get_object", PartNumber=10, **k)
    r.call("part-with-range", "get_object", PartNumber=2, Range="bytes=0-8", **k)
    r.c.put_object(Bucket=b, Key="single", Body=b"test-123")
    r.call("part-no-multipart", "get_object", PartNumber=2, Bucket=b, Key="single")
    r.call("get-obj-no-multipart", "get_object", PartNumber=1, Bucket=b, Key="single", ChecksumMode="ENABLED")


def preconditions(r, operation):
    b = r.bucket()
    k = dict(Bucket=b, Key="k")
    put = r.c.put_object(Body=b"data", **k)
    modified = r.c.head_object(**k)["LastModified"]
    now, hour = datetime.now(timezone.utc), timedelta(hours=1)
    r.call("precondition-if-match", operation, IfMatch="0" * 32, **k)
    r.call("precondition-if-unmodified-since", operation, IfUnmodifiedSince=now - hour, **k)
    r.call("precondition-if-none-match", operation, IfNoneMatch=put["ETag"], **k)
    r.call("copy-precondition-if-modified-since", operation, IfModifiedSince=modified, **k)
    r.call("obj-ignore-future-modified-since", operation, IfModifiedSince=now + hour, **k)
    r.call("etag-missing-quotes", operation, IfNoneMatch=put["ETag"].strip('"'), **k)
    r.call("precondition-if-unmodified-since-is-object", operation, IfUnmodifiedSince=modified, **k)
    r.call("precondition-if-modified-since-is-object", operation, IfModifiedSince=modified, **k)
    r.call("obj-success", operation, IfMatch=put["ETag"], IfNoneMatch="0" * 32, IfModifiedSince=now - hour, IfUnmodifiedSince=now + hour, **k)


def test_s3_get_object_preconditions_get(r):
    preconditions(r, "get_object")


def test_s3_get_object_preconditions_head(r):
    preconditions(r, "head_object")


def test_list_parts_pagination(r):
    b = r.bucket()
    k = dict(Bucket=b, Key="test-list-part-pagination")
    k["UploadId"] = r.c.create_multipart_upload(**k)["UploadId"]
    r.call("list-parts-empty", "list_parts", **k)
    for n in (1, 2):
        r.c.upload_part(PartNumber=n, Body=b"data", **k)
    r.call("list-parts-next", "list_parts", MaxParts=1, PartNumberMarker=1, **k)
    r.call("list-parts-wrong-part", "list_parts", MaxParts=1, PartNumberMarker=10, **k)


def test_list_objects_v2_with_prefix_and_delimiter(r):
    b = r.bucket()
    for key in ("test/foo/bar/123", "test/foo/bar/456", "test/bar/foo/123"):
        r.c.put_object(Bucket=b, Key=key, Body=b"content 123")
    k = dict(Bucket=b, Delimiter="/")
    r.call("list-objects-v2-1", "list_objects_v2", Prefix="test/", **k)
    r.call("list-objects-v2-1-with-max-keys", "list_objects_v2", Prefix="test/", MaxKeys=1, **k)
    r.call("list-objects-v2-2", "list_objects_v2", Prefix="test/foo", **k)
    r.call("list-objects-v2-3", "list_objects_v2", Prefix="test/foo/bar", **k)


def test_list_multiparts_with_prefix_and_delimiter(r):
    b = r.bucket()
    for key in ("test/foo/bar/123", "test/foo/bar/456", "test/bar/foo/123"):
        r.c.create_multipart_upload(Bucket=b, Key=key)
    for i, prefix in enumerate(("test/", "test/foo/", "test/foo/bar")):
        r.call("list-multiparts-%d" % (i + 1), "list_multipart_uploads", Bucket=b, Prefix=prefix, Delimiter="/", EncodingType="url")


def test_complete_multipart_parts_order(r):
    b = r.bucket()
    k = dict(Bucket=b, Key="k")
    k["UploadId"] = r.c.create_multipart_upload(**k)["UploadId"]
    parts = []
    for n in (1, 2):
        parts.append({"PartNumber": n, "ETag": r.c.upload_part(PartNumber=n, Body=b"x" * 10, **k)["ETag"]})
    r.call("complete-multipart-unordered", "complete_multipart_upload", MultipartUpload={"Parts": parts[::-1]}, **k)
    r.call("upload-part-negative-part-number", "upload_part", PartNumber=-1, Body=b"x", **k)


def test_multipart_complete_multipart_too_small(r):
    b = r.bucket()
    k = dict(Bucket=b, Key="k")
    k["UploadId"] = r.c.create_multipart_upload(**k)["UploadId"]
    parts = []
    for n in (1, 2):
        parts.append({"PartNumber": n, "ETag": r.call("upload-part%d" % n, "upload_part", PartNumber=n, Body=b"data", **k)["ETag"]})
    r.call("complete-exc-no-parts", "complete_multipart_upload", MultipartUpload={"Parts": []}, **k)
    r.call("complete-exc-too-small", "complete_multipart_upload", MultipartUpload={"Parts": parts}, **k)


def test_multipart_parts_checksum_exceptions_full_object(r):
    b = r.bucket()
    k = dict(Bucket=b, Key="test-multipart-checksum-exc")
    r.call("create-mpu-no-checksum-algo-with-type", "create_multipart_upload", ChecksumType="COMPOSITE", **k)
    r.call("create-mpu-checksum-crc32c", "create_multipart_upload", ChecksumAlgorithm="CRC32C", ChecksumType="FULL_OBJECT", **k)
    uploads = r.call("list-multiparts", "list_multipart_uploads", Bucket=b)["Uploads"]
    k["UploadId"] = uploads[0]["UploadId"]
    part = r.call("upload-part-no-checksum-ok", "upload_part", PartNumber=1, Body=b"abc", plain=True, **k)
    m = dict(MultipartUpload={"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}, **k)
    r.call("complete-part-bad-checksum-type", "complete_multipart_upload", ChecksumType="COMPOSITE", **m)
    r.call("complete-part-good-checksum-no-type", "complete_multipart_upload", ChecksumCRC32="NSRBwg==", **m)
    r.call("complete-part-bad-checksum", "complete_multipart_upload", ChecksumType="FULL_OBJECT", ChecksumCRC32C="AAAAAA==", **m)
    r.call("complete-success", "complete_multipart_upload", ChecksumType="FULL_OBJECT", ChecksumCRC32C=part["ChecksumCRC32C"], **m)


def test_copy_object_if_match(r):
    b = r.bucket()
    r.c.put_object(Bucket=b, Key="source", Body=b"src")
    etag = r.c.put_object(Bucket=b, Key="dest-object", Body=b"dest")["ETag"]
    k = dict(Bucket=b, CopySource=b + "/source")
    r.call("copy-obj-if-match-fail-wrong-etag", "copy_object", Key="dest-object", IfMatch="0" * 32, **k)
    r.call("copy-obj-if-match-fail-no-object", "copy_object", Key="non-existent-key", IfMatch=etag, **k)


def test_put_object_checksum_CRC64NVME(r):
    b = r.bucket()
    r.call("put-wrong-checksum-no-b64", "put_object", Bucket=b, Key="k", Body=b"test data..", ChecksumCRC64NVME="test")
    r.call("put-wrong-checksum-value", "put_object", Bucket=b, Key="k", Body=b"test data..", ChecksumCRC64NVME="AAAAAAAAAAA=")


def test_s3_checksum_no_algorithm(r):
    b = r.bucket()
    k = dict(Bucket=b, Key="k", Body=b"test data..")
    r.call("put-wrong-checksum", "put_object", ChecksumSHA256="TEST", **k)
    r.call("put-2-checksums", "put_object", ChecksumSHA256="2l26x0trnT0r2AvakoFk2MB7eKVKzYESLMxSAKAzoik=", ChecksumCRC32="cZWHwQ==", **k)
    r.call("put-right-checksum", "put_object", ChecksumSHA256="2l26x0trnT0r2AvakoFk2MB7eKVKzYESLMxSAKAzoik=", **k)
    r.call("head-obj", "head_object", Bucket=b, Key="k", ChecksumMode="ENABLED")


def main():
    endpoint, names = sys.argv[1], sys.argv[2:]
    keys = dict(endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    client = boto3.client("s3", config=Config(retries={"max_attempts": 1}), **keys)
    plain = boto3.client("s3", config=Config(retries={"max_attempts": 1}, request_checksum_calculation="when_required"), **keys)
    failed = 0
    for name, function in sorted(globals().items()):
        if not name.startswith("test_") or names and name not in names:
            continue
        run = Run(client, plain, name)
        try:
            function(run)
        except Exception:
            run.problems.append(traceback.format_exc())
        print("%-70s %s" % (name, "ok" if not run.problems else "FAILED"))
        for problem in run.problems:
            print("    " + problem)
        failed += bool(run.problems)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
