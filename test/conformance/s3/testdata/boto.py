"""boto3 and s3transfer as their users use them. usage: boto.py ENDPOINT"""

import hashlib
import io
import os
import sys
import tempfile
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint = sys.argv[1]
keys = dict(endpoint_url=endpoint, aws_access_key_id="test", aws_secret_access_key="test")
s3 = boto3.client("s3", region_name="us-east-1", **keys)
bucket = "boto-transfer"
s3.create_bucket(Bucket=bucket)

# s3transfer in parts, both ways, and a copy in parts
content = os.urandom(20 << 20)
s3.upload_fileobj(io.BytesIO(content), bucket, "big", ExtraArgs={"Metadata": {"Sum": hashlib.md5(content).hexdigest()}})
with tempfile.NamedTemporaryFile() as f:
    s3.download_file(bucket, "big", f.name)
    assert open(f.name, "rb").read() == content
s3.copy({"Bucket": bucket, "Key": "big"}, bucket, "copied")
assert s3.get_object(Bucket=bucket, Key="copied")["Body"].read() == content
assert s3.head_object(Bucket=bucket, Key="big")["Metadata"] == {"sum": hashlib.md5(content).hexdigest()}

# a stream that cannot be rewound
s3.upload_fileobj(io.BufferedReader(io.BytesIO(content)), bucket, "stream")
assert s3.head_object(Bucket=bucket, Key="stream")["ContentLength"] == len(content)

# presigned URLs of both versions, and a presigned form
for version in ("s3", "s3v4"):
    c = boto3.client("s3", region_name="us-east-1", config=Config(signature_version=version), **keys)
    url = c.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "presigned " + version})
    urllib.request.urlopen(urllib.request.Request(url, data=b"hello", method="PUT", headers={"Content-Type": ""})).read()
    url = c.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "presigned " + version})
    assert urllib.request.urlopen(url).read() == b"hello"
    post = c.generate_presigned_post(bucket, "form " + version, Fields={"acl": "private"}, Conditions=[{"acl": "private"}, ["content-length-range", 1, 100]])
    boundary = "x" * 20
    body = "".join('--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, k, v) for k, v in post["fields"].items())
    body += '--%s\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nhello\r\n--%s--\r\n' % (boundary, boundary)
    request = urllib.request.Request(post["url"], data=body.encode(), headers={"Content-Type": "multipart/form-data; boundary=" + boundary})
    assert urllib.request.urlopen(request).status == 204
    assert s3.get_object(Bucket=bucket, Key="form " + version)["Body"].read() == b"hello"

# a bucket in another region is found by the redirection
west = boto3.client("s3", region_name="us-west-2", **keys)
west.create_bucket(Bucket="boto-west", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
s3.put_object(Bucket="boto-west", Key="k", Body=b"west")
assert s3.get_object(Bucket="boto-west", Key="k")["Body"].read() == b"west"
assert s3.head_bucket(Bucket="boto-west")["BucketRegion"] == "us-west-2"

# pages of all kinds
for i in range(25):
    s3.put_object(Bucket=bucket, Key="pages/%02d é" % i, Body=b"")
for operation, field in (("list_objects", "Contents"), ("list_objects_v2", "Contents"), ("list_object_versions", "Versions")):
    pages = s3.get_paginator(operation).paginate(Bucket=bucket, Prefix="pages/", PaginationConfig={"PageSize": 4})
    found = [o["Key"] for page in pages for o in page[field]]
    assert found == ["pages/%02d é" % i for i in range(25)], (operation, found)

# resources, waiters, and the end
resource = boto3.resource("s3", region_name="us-east-1", **keys)
resource.Bucket(bucket).objects.filter(Prefix="pages/").delete()
s3.get_waiter("object_not_exists").wait(Bucket=bucket, Key="pages/00 é")
resource.Bucket(bucket).objects.all().delete()
resource.Bucket("boto-west").objects.all().delete()
s3.delete_bucket(Bucket=bucket)
west.delete_bucket(Bucket="boto-west")
try:
    s3.head_bucket(Bucket=bucket)
    raise AssertionError("the bucket is still there")
except ClientError as e:
    assert e.response["Error"]["Code"] == "404", e
