"""SQS with boto3 and the AWS CLI."""

import threading
import time
import uuid

import pytest
from botocore.exceptions import ClientError

from load import exactly_once
from query import query


def test_the_life_of_a_queue(cloud):
    sqs = cloud.client("sqs")
    name = "life-" + uuid.uuid4().hex
    url = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "5"}, tags={"team": "a"})["QueueUrl"]
    assert url == f"{cloud.url}/000000000000/{name}"
    assert sqs.get_queue_url(QueueName=name)["QueueUrl"] == url
    assert url in sqs.list_queues(QueueNamePrefix="life-")["QueueUrls"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "5"
    assert attributes["QueueArn"] == f"arn:aws:sqs:us-east-1:000000000000:{name}"
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"team": "a"}

    sent = sqs.send_message(
        QueueUrl=url, MessageBody="hello <&> \u00e9",
        MessageAttributes={"n": {"DataType": "Number", "StringValue": "1"}, "b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}},
    )
    got = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"]
    assert [m["Body"] for m in got] == ["hello <&> \u00e9"]
    assert got[0]["MessageId"] == sent["MessageId"]
    assert got[0]["MD5OfBody"] == sent["MD5OfMessageBody"]
    assert got[0]["MessageAttributes"]["b"]["BinaryValue"] == b"\x00\xff"
    assert got[0]["Attributes"]["ApproximateReceiveCount"] == "1"
    assert "Messages" not in sqs.receive_message(QueueUrl=url)

    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=got[0]["ReceiptHandle"], VisibilityTimeout=0)
    again = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
    assert again[0]["Attributes"]["ApproximateReceiveCount"] == "2"
    sqs.delete_message(QueueUrl=url, ReceiptHandle=again[0]["ReceiptHandle"])
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == attributes["ApproximateNumberOfMessagesNotVisible"] == "0"

    sqs.delete_queue(QueueUrl=url)
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as refused:
        sqs.get_queue_url(QueueName=name)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_the_aws_cli(cloud):
    name = "cli-" + uuid.uuid4().hex
    url = cloud.aws("sqs", "create-queue", "--queue-name", name)["QueueUrl"]
    cloud.aws("sqs", "send-message", "--queue-url", url, "--message-body", "from the command line")
    got = cloud.aws("sqs", "receive-message", "--queue-url", url)["Messages"]
    assert [m["Body"] for m in got] == ["from the command line"]
    cloud.aws("sqs", "delete-queue", "--queue-url", url)
    failed = cloud.run("aws", "sqs", "get-queue-url", "--queue-name", name, check=False)
    assert failed.returncode != 0 and "NonExistentQueue" in failed.stderr


def test_ten_thousand_messages_come_exactly_once(cloud, queue):
    seen = exactly_once(lambda: cloud.client("sqs"), queue, 10_000)
    assert len(seen) == 10_000
    assert set(seen.values()) == {1}
    attributes = cloud.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == attributes["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_a_long_poll_wakes_when_a_message_is_sent(cloud, queue):
    sqs = cloud.client("sqs")
    delays = []
    for i in range(5):
        arrived = {}

        def poll():
            got = cloud.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
            arrived["at"], arrived["body"] = time.monotonic(), got[0]["Body"]

        poller = threading.Thread(target=poll)
        poller.start()
        time.sleep(0.3)  # long enough for the poll to be waiting
        sqs.send_message(QueueUrl=queue, MessageBody=str(i))
        sent = time.monotonic()
        poller.join(timeout=10)
        assert arrived["body"] == str(i)
        delays.append(arrived["at"] - sent)
    assert min(delays) < 0.05, delays


def test_query_and_json_see_the_same_queue(cloud, queue):
    sqs = cloud.client("sqs")
    status, sent = query(cloud.url, "SendMessage", QueueUrl=queue, MessageBody="by query")
    assert status == 200 and "<MessageId>" in sent
    got = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert [m["Body"] for m in got] == ["by query"]
    sqs.send_message(QueueUrl=queue, MessageBody="by json")
    status, received = query(queue, "ReceiveMessage")  # the queue's URL itself
    assert status == 200 and "<Body>by json</Body>" in received
    status, refused = query(cloud.url, "GetQueueUrl", QueueName="nobody")
    assert status == 400 and "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>" in refused
    with pytest.raises(ClientError) as error:
        sqs.get_queue_url(QueueName="nobody")
    assert error.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"


def test_accounts_and_regions_do_not_see_one_another(cloud):
    places = [(account, region) for account in ("111111111111", "222222222222") for region in ("us-east-1", "eu-west-1")]
    urls = {}
    for account, region in places:
        sqs = cloud.client("sqs", account, region)
        urls[account, region] = sqs.create_queue(QueueName="same", Attributes={"DelaySeconds": "0"})["QueueUrl"]
        sqs.send_message(QueueUrl=urls[account, region], MessageBody=f"{account} {region}")
    for account, region in places:
        sqs = cloud.client("sqs", account, region)
        assert sqs.list_queues()["QueueUrls"] == [urls[account, region]]
        arn = sqs.get_queue_attributes(QueueUrl=urls[account, region], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        assert arn == f"arn:aws:sqs:{region}:{account}:same"
        got = sqs.receive_message(QueueUrl=urls[account, region], MaxNumberOfMessages=10)["Messages"]
        assert [m["Body"] for m in got] == [f"{account} {region}"]
        sqs.delete_queue(QueueUrl=urls[account, region])
