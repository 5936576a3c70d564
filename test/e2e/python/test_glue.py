"""S3 tells SNS, SNS tells SQS: the same with every mix of backends, since the gateway does the glue."""

import http.server
import itertools
import json
import os
import signal
import threading
import time
import uuid

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from conftest import Cloud, has_moto

MIXES = {
    "all native": [],
    "topics of moto": ["--backend", "sns=moto"],
    "buckets of moto": ["--backend", "s3=moto"],
    "queues of moto": ["--backend", "sqs=moto"],
}


def queue_of(sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def drain(sqs, url, wanted):
    """Receives and deletes until as many messages as wanted have come, and a moment has passed without more."""
    bodies = []
    quiet = 0
    while quiet < 2:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        for message in messages:
            bodies.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        quiet = quiet + 1 if not messages and len(bodies) >= wanted else 0
        wanted = 0 if not messages and quiet == 0 else wanted
    return bodies


@pytest.mark.parametrize("mix", MIXES)
def test_every_event_arrives_exactly_once(mix):
    if "moto" in mix and not has_moto():
        pytest.skip("moto cannot run here")
    cloud = Cloud(*MIXES[mix])
    try:
        s3, sns, sqs = cloud.client("s3"), cloud.client("sns"), cloud.client("sqs")
        # The queue lies in another account and region than the bucket and the topic.
        far = cloud.client("sqs", account="111111111111", region="eu-west-1")
        near_url, near = queue_of(sqs, "near")
        far_url, distant = queue_of(far, "far")
        topic = sns.create_topic(Name="events")["TopicArn"]
        for arn in (near, distant):
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        bucket = "bucket-" + uuid.uuid4().hex
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={
            "TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}],
        })
        keys = [f"folder {i}/ü+{i}" for i in range(20)]
        for key in keys:
            s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": keys[0]})
        s3.delete_object(Bucket=bucket, Key="copy")
        names = ["ObjectCreated:Put"] * 20 + ["ObjectCreated:Copy", "ObjectRemoved:Delete"]
        for client, url in ((sqs, near_url), (far, far_url)):
            events = [json.loads(body) for body in drain(client, url, 23)]
            records = [event["Records"][0] for event in events if "Records" in event]
            assert sum(event.get("Event") == "s3:TestEvent" for event in events) == 1
            assert sorted(r["eventName"] for r in records) == sorted(names)
            assert {r["s3"]["object"].get("size") for r in records if r["eventName"].endswith("Put")} == {len(k.encode()) for k in keys}
    finally:
        cloud.down()


class Subscriber(http.server.BaseHTTPRequestHandler):
    """Confirms its subscription and keeps what comes."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        self.server.got.append(body)
        self.server.arrived.release()

    def log_message(self, *_):
        pass


def test_an_http_endpoint_confirms_and_gets_messages(cloud):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Subscriber)
    server.got, server.arrived = [], threading.Semaphore(0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        sns = cloud.client("sns")
        topic = sns.create_topic(Name="http-" + uuid.uuid4().hex)["TopicArn"]
        answer = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{server.server_port}/hook")
        assert answer["SubscriptionArn"].lower() == "pending confirmation"
        assert server.arrived.acquire(timeout=10)
        confirmation = server.got[0]
        assert confirmation["Type"] == "SubscriptionConfirmation"
        arn = sns.confirm_subscription(TopicArn=topic, Token=confirmation["Token"])["SubscriptionArn"]
        assert arn.startswith(topic + ":")
        sns.publish(TopicArn=topic, Message="now", Subject="greeting")
        assert server.arrived.acquire(timeout=10)
        assert (server.got[1]["Type"], server.got[1]["Message"], server.got[1]["Subject"]) == ("Notification", "now", "greeting")
    finally:
        server.shutdown()
        server.server_close()


def test_a_fifo_topic_keeps_order_and_drops_repetitions(cloud):
    sns, sqs = cloud.client("sns"), cloud.client("sqs")
    name = uuid.uuid4().hex
    topic = sns.create_topic(Name=name + ".fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    url = sqs.create_queue(QueueName=name + ".fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    for i in range(20):
        for _ in range(2):
            sns.publish(TopicArn=topic, Message=str(i), MessageGroupId="g", MessageDeduplicationId=str(i))
    assert drain(sqs, url, 20) == [str(i) for i in range(20)]


def test_no_acknowledged_publish_is_lost_when_the_process_is_killed():
    arguments = ["--persistence", "--backend", "sns=native", "--backend", "sqs=native"]
    cloud = Cloud(*arguments)
    try:
        sns, sqs = cloud.client("sns"), cloud.client("sqs")
        topic = sns.create_topic(Name="durable")["TopicArn"]
        _, arn = queue_of(sqs, "durable")
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        acknowledged, lock, stop = [], threading.Lock(), threading.Event()

        def publish(worker):
            client = cloud.client("sns", connect_timeout=2, read_timeout=2)
            for i in itertools.count():
                if stop.is_set():
                    return
                body = f"{worker}-{i}"
                try:
                    client.publish(TopicArn=topic, Message=body)
                except (ClientError, BotoCoreError):
                    return
                with lock:
                    acknowledged.append(body)

        for _ in range(3):
            workers = [threading.Thread(target=publish, args=(uuid.uuid4().hex,)) for _ in range(4)]
            for worker in workers:
                worker.start()
            time.sleep(0.5)
            os.kill(cloud.status["pid"], signal.SIGKILL)
            stop.set()
            for worker in workers:
                worker.join()
            stop.clear()
            cloud.up(*arguments)
        sqs = cloud.client("sqs")
        url = sqs.get_queue_url(QueueName="durable")["QueueUrl"]
        assert len(acknowledged) > 10
        assert set(acknowledged) - set(drain(sqs, url, len(acknowledged))) == set()
    finally:
        cloud.down()
