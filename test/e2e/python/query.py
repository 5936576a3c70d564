"""Calls of the query protocol, which boto3 no longer speaks with SQS."""

import urllib.error
import urllib.parse
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def query(url, action, service="sqs", region="us-east-1", account="000000000000", **parameters):
    """Posts a signed form and returns status and body."""
    form = urllib.parse.urlencode({"Action": action, "Version": "2012-11-05", **parameters})
    request = AWSRequest("POST", url, data=form, headers={"Content-Type": "application/x-www-form-urlencoded"})
    SigV4Auth(Credentials(account, "test"), service, region).add_auth(request)
    sent = urllib.request.Request(url, form.encode(), dict(request.headers.items()))
    try:
        with urllib.request.urlopen(sent, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
