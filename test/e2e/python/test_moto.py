"""moto as the backend of what has none of its own, and in the place of another."""

import json
import uuid

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud, needs_moto
from load import exactly_once

pytestmark = needs_moto


def test_what_moto_answers_has_the_right_account(cloud):
    account = "123412341234"
    name = "/" + uuid.uuid4().hex
    ssm = cloud.client("ssm", account, "eu-west-1")
    ssm.put_parameter(Name=name, Value="v", Type="String")
    parameter = ssm.get_parameter(Name=name)["Parameter"]
    assert parameter["ARN"] == f"arn:aws:ssm:eu-west-1:{account}:parameter{name}"
    secret = cloud.client("secretsmanager", account).create_secret(Name=name, SecretString="s")
    assert secret["ARN"].startswith(f"arn:aws:secretsmanager:us-east-1:{account}:secret:{name}")
    user = cloud.client("iam", account).create_user(UserName=name[1:])["User"]
    assert user["Arn"] == f"arn:aws:iam::{account}:user/{name[1:]}"
    with pytest.raises(ClientError) as missing:
        cloud.client("ssm", "432143214321", "eu-west-1").get_parameter(Name=name)
    assert missing.value.response["Error"]["Code"] == "ParameterNotFound"


def test_what_has_an_effect_elsewhere_is_refused(cloud):
    with pytest.raises(ClientError) as refused:
        cloud.client("cloudformation").create_stack(StackName="s", TemplateBody="{}")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "CreateStack" in refused.value.response["Error"]["Message"]


def test_the_same_queue_with_sqs_swapped_to_moto():
    cloud = Cloud("--backend", "sqs=moto")
    try:
        url = cloud.client("sqs").create_queue(QueueName="swapped")["QueueUrl"]
        assert url == f"{cloud.url}/000000000000/swapped"
        # moto itself gives a message to two consumers that ask at the same moment, so there is one.
        seen = exactly_once(lambda: cloud.client("sqs"), url, 1000, consumers=1)
        assert len(seen) == 1000
        assert set(seen.values()) == {1}
        backends = {b["backend"]: b for b in json.loads(cloud.run("status", "--json").stdout)["backends"]}
        assert "sqs" in backends["moto"]["services"]
    finally:
        cloud.down()
