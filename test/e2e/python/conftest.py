"""A localcloud of its own for the tests, and clients of it."""

import json
import os
import shutil
import subprocess
import tempfile
import uuid

import boto3
import pytest
from botocore.config import Config

RUNTIME = os.environ.get("LOCALCLOUD_E2E_RUNTIME", "local")
BINARY = os.environ["LOCALCLOUD_BIN"]


class Cloud:
    """A project that runs, by the command line as users have it."""

    def __init__(self, *arguments):
        self.folder = tempfile.mkdtemp(prefix="localcloud-e2e-")
        self.name = "e2e-" + uuid.uuid4().hex[:8]
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "LOCALSTACK_"))}
        self.environment["LOCALCLOUD_STATE"] = os.path.join(self.folder, "state")
        # Where boto3 may find settings of this machine there are none.
        self.environment["AWS_CONFIG_FILE"] = self.environment["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
        self.up(*arguments)

    def up(self, *arguments):
        up = self.run("up", "--runtime", RUNTIME, "--listen", "127.0.0.1:0", "--json", *arguments)
        self.status = json.loads(up.stdout)
        self.url = self.status["url"]

    def run(self, *arguments, check=True):
        result = subprocess.run(
            [BINARY, "--project", self.name, "--file", "-", *arguments],
            env=self.environment, cwd=self.folder, capture_output=True, text=True, timeout=300,
        )
        if check and result.returncode != 0:
            pytest.fail(f"localcloud {' '.join(arguments)} ended with {result.returncode}:\n{result.stderr}")
        return result

    def aws(self, *arguments):
        """Runs the AWS CLI and returns its JSON."""
        text = self.run("aws", *arguments, "--output", "json").stdout
        return json.loads(text) if text.strip() else None

    def client(self, service, account="000000000000", region="us-east-1", **config):
        settings = {"retries": {"total_max_attempts": 1}, "max_pool_connections": 32, **config}
        return boto3.client(
            service, endpoint_url=self.url, region_name=region, aws_access_key_id=account,
            aws_secret_access_key="test", config=Config(**settings),
        )

    def down(self):
        self.run("down", "--volumes")
        left = os.listdir(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        assert left == [], f"left behind: {left}"


@pytest.fixture(scope="session")
def cloud():
    cloud = Cloud()
    yield cloud
    cloud.down()


@pytest.fixture
def queue(cloud):
    """The URL of a queue of its own."""
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="q-" + uuid.uuid4().hex)["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


def has_moto():
    """Whether moto can run here: installed, or as an image that is present."""
    if RUNTIME == "local":
        return shutil.which("moto_server") is not None
    images = subprocess.run(["docker", "image", "ls", "-q", "motoserver/moto"], capture_output=True, text=True)
    return bool(images.stdout.strip())


needs_moto = pytest.mark.skipif(not has_moto(), reason="skipped: moto is neither installed nor present as an image")
