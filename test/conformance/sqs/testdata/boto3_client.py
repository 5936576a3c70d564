"""Checks an SQS endpoint with boto3: python3 boto3_client.py http://localhost:4566"""
import json
import sys
import threading
import time

import boto3
from botocore.exceptions import ClientError

endpoint = sys.argv[1]


def client(account="test", region="us-east-1"):
    return boto3.client("sqs", endpoint_url=endpoint, region_name=region,
                        aws_access_key_id=account, aws_secret_access_key="test")


def refused(code, call, **kwargs):
    try:
        call(**kwargs)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e.response
        return e.response
    raise AssertionError(f"not refused with {code}")


def life_cycle(sqs):
    url = sqs.create_queue(QueueName="boto", tags={"a": "b"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes={
        "b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}, "s": {"DataType": "String", "StringValue": "ü"}})
    m = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], AttributeNames=["All"])["Messages"][0]
    assert m["MessageAttributes"]["b"]["BinaryValue"] == b"\x00\xff", m
    sqs.delete_message(QueueUrl=url, ReceiptHandle=m["ReceiptHandle"])
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"a": "b"}
    response = refused("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName="none")
    assert response["Error"]["QueryErrorCode"] == "QueueDoesNotExist", response
    refused("QueueAlreadyExists", sqs.create_queue, QueueName="boto", Attributes={"DelaySeconds": "9"})
    refused("ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=url, ReceiptHandle="x")
    try:
        sqs.get_queue_url(QueueName="none")
    except sqs.exceptions.QueueDoesNotExist:
        pass


def long_poll(sqs):
    url = sqs.create_queue(QueueName="poll")["QueueUrl"]
    threading.Timer(0.3, lambda: client().send_message(QueueUrl=url, MessageBody="x")).start()
    begin = time.time()
    got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)
    assert len(got["Messages"]) == 1 and time.time() - begin < 5, got


def isolation():
    client("111111111111", "eu-west-1").create_queue(QueueName="mine")
    for other in (client("222222222222", "eu-west-1"), client("111111111111", "us-west-2")):
        assert "QueueUrls" not in other.list_queues(), "a queue of another account or region is listed"


def dead_letters(sqs):
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    url = sqs.create_queue(QueueName="source", Attributes={
        "VisibilityTimeout": "0", "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})})["QueueUrl"]
    sent = sqs.send_message(QueueUrl=url, MessageBody="x")
    sqs.receive_message(QueueUrl=url)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert sqs.receive_message(QueueUrl=dead)["Messages"][0]["MessageId"] == sent["MessageId"]
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url]


life_cycle(client())
long_poll(client())
isolation()
dead_letters(client())
