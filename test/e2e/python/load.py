"""Producers and consumers of a queue."""

import threading
from concurrent.futures import ThreadPoolExecutor


def exactly_once(make_client, url, messages, producers=8, consumers=8):
    """Sends numbered messages in batches, receives and deletes them, and returns how often each came."""
    seen = {}
    lock = threading.Lock()
    done = threading.Event()

    def produce(first):
        sqs = make_client()
        numbers = range(first, messages, producers)
        for start in range(0, len(numbers), 10):
            entries = [{"Id": str(i), "MessageBody": str(n)} for i, n in enumerate(numbers[start : start + 10])]
            answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
            assert len(answer["Successful"]) == len(entries), answer

    def consume(_):
        sqs = make_client()
        while not done.is_set():
            got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
            if not got:
                continue
            entries = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(got)]
            answer = sqs.delete_message_batch(QueueUrl=url, Entries=entries)
            assert len(answer["Successful"]) == len(entries), answer
            with lock:
                for m in got:
                    seen[m["Body"]] = seen.get(m["Body"], 0) + 1
                if len(seen) >= messages:
                    done.set()

    with ThreadPoolExecutor(producers + consumers) as pool:
        consuming = [pool.submit(consume, i) for i in range(consumers)]
        try:
            for produced in [pool.submit(produce, i) for i in range(producers)]:
                produced.result(timeout=300)
            done.wait(timeout=120)
        finally:
            done.set()
        for consumed in consuming:
            consumed.result(timeout=60)
    return seen
