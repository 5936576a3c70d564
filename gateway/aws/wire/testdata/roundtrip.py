"""Calls every operation of some services with all members set, and checks that the answer has all
members set. The server does the same from its side. Prints one line for each thing that differs."""
import datetime
import sys

import botocore.session
from botocore.config import Config

TEXT = "abcdefgh-12"
LEFT_OUT = ("StatusCode", "Checksum", "SSECustomer", "CopySourceSSE", "ContentMD5", "ContentLength", "Expires", "MD5Of")


def left_out(name):
    return name.startswith(LEFT_OUT)


def sample(shape, seen=()):
    kind = shape.type_name
    if kind == "structure":
        if shape.name in seen:
            return None
        if getattr(shape, "is_document_type", False):
            return {"a": TEXT}
        below = seen + (shape.name,)
        members = {name: sample(m, below) for name, m in shape.members.items() if not left_out(name)}
        members = {name: value for name, value in members.items() if value is not None}
        if getattr(shape, "is_tagged_union", False):
            members = dict(list(members.items())[:1])
        return members
    if kind == "list":
        element = sample(shape.member, seen)
        return None if element is None else [element]
    if kind == "map":
        value = sample(shape.value, seen)
        return None if value is None else {sample(shape.key): value}
    least = shape.metadata.get("min", 0)
    if kind in ("integer", "long"):
        return int(max(least, 7))
    if kind in ("float", "double"):
        return max(least, 1.5)
    if kind == "boolean":
        return True
    if kind == "blob":
        return b"blob"
    if kind == "timestamp":
        return datetime.datetime.fromtimestamp(1700000000, datetime.timezone.utc)
    if shape.enum:
        return shape.enum[0]
    text = TEXT
    while len(text) < least:
        text += TEXT
    return text


def missing(want, got, path=""):
    if isinstance(want, dict):
        if not isinstance(got, dict):
            return path or "/"
        return next((m for m in (missing(v, got.get(k), path + "/" + k) for k, v in want.items()) if m), None)
    if isinstance(want, list):
        if not isinstance(got, list) or len(got) != len(want):
            return path
        return next((m for m in (missing(w, g, path) for w, g in zip(want, got)) if m), None)
    if hasattr(got, "read"):
        got = got.read()
    return None if want == got else "%s is %r, want %r" % (path, got, want)


def main(endpoint, services, skipped):
    session = botocore.session.get_session()
    config = Config(retries={"max_attempts": 1, "mode": "standard"}, parameter_validation=False,
                    s3={"addressing_style": "path"}, request_checksum_calculation="when_required",
                    response_checksum_validation="when_required", disable_request_compression=True,
                    inject_host_prefix=False)
    for service in services:
        client = session.create_client(service, region_name="us-east-1", endpoint_url=endpoint, config=config,
                                       aws_access_key_id="test", aws_secret_access_key="test")

        def name_it(model, params, **_):
            params["headers"]["X-Test"] = service + ":" + model.name

        client.meta.events.register("before-call", name_it)
        for name in client.meta.service_model.operation_names:
            if service + ":" + name in skipped:
                continue
            model = client.meta.service_model.operation_model(name)
            params = sample(model.input_shape) if model.input_shape else {}
            try:
                answer = client._make_api_call(name, params or {})
                problem = missing(sample(model.output_shape) if model.output_shape else {}, answer)
            except Exception as e:  # whatever goes wrong is a finding
                problem = repr(e)
            if problem:
                print(service, name, problem)


main(sys.argv[1], sys.argv[2].split(","), sys.argv[3].split(","))
