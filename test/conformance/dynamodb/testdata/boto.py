"""Uses boto3's client and resource on DynamoDB. usage: boto.py ENDPOINT"""

import sys
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

kwargs = dict(endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
client = boto3.client("dynamodb", **kwargs)
streams = boto3.client("dynamodbstreams", **kwargs)
resource = boto3.resource("dynamodb", **kwargs)

table = resource.create_table(
    TableName="things",
    BillingMode="PAY_PER_REQUEST",
    KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    AttributeDefinitions=[
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "N"},
        {"AttributeName": "kind", "AttributeType": "S"},
    ],
    GlobalSecondaryIndexes=[{
        "IndexName": "by-kind",
        "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "ALL"},
    }],
    StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    Tags=[{"Key": "team", "Value": "blue"}],
)
table.wait_until_exists()
table.reload()
assert table.table_status == "ACTIVE" and table.global_secondary_indexes[0]["IndexStatus"] == "ACTIVE"

with table.batch_writer(overwrite_by_pkeys=["pk", "sk"]) as batch:
    for i in range(120):
        batch.put_item(Item={
            "pk": f"p{i % 3}", "sk": i, "kind": "even" if i % 2 == 0 else "odd", "price": Decimal("1.25") * i,
            "set": {"a", "b"}, "numbers": {1, 2, 3}, "blob": b"\x00\xff", "list": [1, "x", None, True, {"deep": [Decimal("0.1")]}], "empty": "",
        })

item = table.get_item(Key={"pk": "p0", "sk": 3}, ConsistentRead=True)["Item"]
assert item["price"] == Decimal("3.75") and item["set"] == {"a", "b"} and item["numbers"] == {1, 2, 3}
assert item["blob"].value == b"\x00\xff" and item["list"] == [1, "x", None, True, {"deep": [Decimal("0.1")]}]

got = table.query(
    KeyConditionExpression=Key("pk").eq("p1") & Key("sk").between(10, 60),
    FilterExpression=Attr("price").gt(20) & Attr("set").contains("a") & ~Attr("nope").exists(), ScanIndexForward=False)
assert [i["sk"] for i in got["Items"]] == [i for i in range(60, 9, -1) if i % 3 == 1 and i * 1.25 > 20], got["Items"]
assert table.query(IndexName="by-kind", Select="COUNT", KeyConditionExpression=Key("kind").eq("odd") & Key("sk").lt(50))["Count"] == 25

pages = client.get_paginator("scan").paginate(TableName="things", PaginationConfig={"PageSize": 7})
assert sum(page["Count"] for page in pages) == 120
parts = [client.scan(TableName="things", Segment=i, TotalSegments=4, Select="COUNT")["Count"] for i in range(4)]
assert sum(parts) == 120 and min(parts) >= 0

answer = table.update_item(
    Key={"pk": "p0", "sk": 3}, UpdateExpression="SET #l[1] = :v, price = price + :one REMOVE #b ADD numbers :n DELETE #s :a",
    ConditionExpression=Attr("price").lt(10), ReturnValues="UPDATED_NEW", ExpressionAttributeNames={"#l": "list", "#s": "set", "#b": "blob"},
    ExpressionAttributeValues={":v": "y", ":one": 1, ":n": {9}, ":a": {"a"}})
assert answer["Attributes"] == {"list": ["y"], "price": Decimal("4.75"), "numbers": {1, 2, 3, 9}, "set": {"b"}}, answer["Attributes"]

try:
    table.put_item(Item={"pk": "p0", "sk": 3}, ConditionExpression=Attr("pk").not_exists())
    raise AssertionError("a condition that does not hold is taken")
except client.exceptions.ConditionalCheckFailedException as e:
    assert e.response["Error"]["Message"] == "The conditional request failed"
try:
    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": "things", "Item": {"pk": {"S": "t"}, "sk": {"N": "1"}}}},
        {"Delete": {"TableName": "things", "Key": {"pk": {"S": "p0"}, "sk": {"N": "3"}}, "ConditionExpression": "attribute_not_exists(pk)"}},
    ])
    raise AssertionError("a transaction that must fail is taken")
except client.exceptions.TransactionCanceledException as e:
    assert [r["Code"] for r in e.response["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]

answer = resource.batch_get_item(RequestItems={"things": {"Keys": [{"pk": "p0", "sk": 3}, {"pk": "x", "sk": 1}]}})
assert len(answer["Responses"]["things"]) == 1 and answer["UnprocessedKeys"] == {}
rows = client.execute_statement(Statement='SELECT sk FROM "things"."by-kind" WHERE kind = ? AND sk < 5', Parameters=[{"S": "even"}])["Items"]
assert [r["sk"]["N"] for r in rows] == ["0", "2", "4"]

arn = table.latest_stream_arn
shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
records = streams.get_records(ShardIterator=iterator)["Records"]
assert len(records) == 121 and records[-1]["eventName"] == "MODIFY" and records[-1]["dynamodb"]["OldImage"]["price"] == {"N": "3.75"}

assert client.list_tags_of_resource(ResourceArn=table.table_arn)["Tags"] == [{"Key": "team", "Value": "blue"}]
try:
    client.export_table_to_point_in_time(TableArn=table.table_arn, S3Bucket="b")
    raise AssertionError("an export is said to succeed")
except ClientError as e:
    assert e.response["ResponseMetadata"]["HTTPStatusCode"] == 501
table.delete()
table.wait_until_not_exists()
