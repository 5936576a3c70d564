"""Makes requests.jsonl.gz: one request for each operation of each AWS service, as botocore sends it
to http://localhost:4566 with the least parameters that it accepts. TestIdentifyCorpus reads it.

    python3 gateway/testdata/identify/make.py [SERVICE ...]

One line a request: service, operation, method, target, headers, and the body where it is a form.
What differs from run to run (dates, signatures, tokens) is made constant. Operations that botocore
cannot send are listed on standard error.
"""

import datetime
import gzip
import json
import pathlib
import re
import sys
import uuid

import botocore
import botocore.session
from botocore import UNSIGNED
from botocore.config import Config

ENDPOINT = "http://localhost:4566"
GIVEN = {
    "PredictEndpoint": ENDPOINT,  # becomes the URL
    "KvsARN": "arn:aws:cloudfront::123456789012:key-value-store/bucket",  # becomes a part of the host
}
WHEN = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
DROPPED = re.compile(
    r"(?i)^(user-agent|x-amz-date|content-length|content-md5|x-amz-content-sha256|amz-sdk-.*|x-amz-sdk-.*|"
    r"x-amz-checksum-.*|x-amz-trailer|x-amz-decoded-content-length|transfer-encoding|content-encoding|expect)$"
)

uuid.uuid4 = lambda: uuid.UUID("00000000-0000-4000-8000-000000000000")


class Sent(Exception):
    """Ends a call once its request is known."""


def value(shape, name="", depth=0):
    """The smallest value of a shape."""
    kind = shape.type_name
    least = max(int(shape.metadata.get("min", 0)), 1)
    if kind == "structure":
        if shape.metadata.get("document"):
            return {}
        members = shape.required_members
        if not members and getattr(shape, "is_tagged_union", False):
            members = list(shape.members)[:1] if depth < 6 else list(shape.members)[-1:]
        if depth > 12:
            return {}
        return {m: value(shape.members[m], m, depth + 1) for m in members}
    if kind == "list":
        return [value(shape.member, name, depth + 1)] * least
    if kind == "map":
        return {value(shape.key): value(shape.value, name, depth + 1)}
    if kind == "string":
        if shape.enum:
            return shape.enum[0]
        if name in GIVEN:
            return GIVEN[name]
        arn = "arn:aws:service:us-east-1:123456789012:thing/bucket"
        if name.lower().endswith("arn") and least <= len(arn) <= shape.metadata.get("max", len(arn)):
            return arn
        if "account" in name.lower() and least <= 12:
            return "123456789012"
        return "bucket" if least < 6 else "a" * least
    if kind in ("integer", "long"):
        return least
    if kind in ("float", "double"):
        return float(least)
    if kind == "boolean":
        return True
    if kind == "blob":
        return b"a" * least
    if kind == "timestamp":
        return WHEN
    raise ValueError(kind)


def client(session, service, **config):
    config = Config(region_name="us-east-1", retries={"total_max_attempts": 1}, endpoint_discovery_enabled=False, **config)
    made = session.create_client(
        service, endpoint_url=ENDPOINT, aws_access_key_id="test", aws_secret_access_key="test", config=config
    )
    sent = []

    def keep(request, **_):
        sent.append(request)
        raise Sent

    made.meta.events.register("before-send.*.*", keep)
    return made, sent


def line(service, operation, request, bearer):
    target = request.url.split("://", 1)[1]
    host, slash, target = target.partition("/")
    headers = {}
    for name, text in sorted(request.headers.items()):
        if isinstance(text, bytes):
            text = text.decode("latin-1")
        if not DROPPED.match(name):
            headers[name] = re.sub(r"Signature=\w+", "Signature=0", re.sub(r"/\d{8}/", "/20260101/", text))
    headers["Host"] = host
    if bearer:
        headers["Authorization"] = "Bearer token"
    body = request.body or b""
    form = headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
    body = (body.decode() if isinstance(body, bytes) else str(body)) if form else ""
    return {"service": service, "operation": operation, "method": request.method, "target": slash + target, "headers": headers, "body": body}


def requests(session, service, **config):
    """All operations of a service: signed as the service wants, else (where that needs a library or a
    token) by version 4, else not at all."""
    ways = [config, {"signature_version": "v4"}, {"signature_version": UNSIGNED}]
    clients = {}
    for operation in session.get_service_model(service).operation_names:
        problem = None
        for number, way in enumerate(ways):
            made, sent = clients.get(number) or clients.setdefault(number, client(session, service, **way))
            model = made.meta.service_model.operation_model(operation)
            names = {name: method for method, name in made.meta.method_to_api_mapping.items()}
            try:
                parameters = value(model.input_shape) if model.input_shape else {}
                getattr(made, names[operation])(**parameters)
            except Sent:
                bearer = made.meta.service_model.signature_version == "bearer"
                yield line(service, operation, sent.pop(), bearer)
                break
            except Exception as failed:
                problem = problem or failed
        else:
            print(service, operation, repr(problem), file=sys.stderr)


def main():
    session = botocore.session.get_session()
    here = pathlib.Path(__file__).parent
    services = sys.argv[1:] or sorted(session.get_available_services())
    lines = [{"botocore": botocore.__version__}]
    for service in services:
        lines.extend(requests(session, service))
        if service == "s3":
            lines.extend(requests(session, service, s3={"addressing_style": "virtual"}))
    text = "".join(json.dumps(entry, separators=(",", ":")) + "\n" for entry in lines)
    if sys.argv[1:]:
        print(text, end="")
        return
    (here / "requests.jsonl.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(len(lines) - 1, "requests")


main()
