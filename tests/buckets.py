"""S3 on loopback, and a gs:// that is memory: what buckets are to tests."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
from moto.server import ThreadedMotoServer

from venuefinder.originals.buckets import Buckets

BUCKET = "photos"


@contextmanager
def serving_s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Buckets]:
    """Serve S3 by moto, named by the environment variables that its tools use; yield a client with a bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        endpoint = "http://{}:{}".format(*server.get_host_and_port())
        httpx2.post(f"{endpoint}/moto-api/reset").raise_for_status()  # moto keeps buckets for the whole process
        name_s3(monkeypatch, endpoint)
        buckets = Buckets(timeout=30)
        buckets.client("s3").mkdir(BUCKET)
        yield buckets
    finally:
        server.stop()


def name_s3(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Let this process believe that S3 is there."""
    named = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "tests",
        "AWS_SECRET_ACCESS_KEY": "tests",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in named.items():
        monkeypatch.setenv(name, value)
