"""What callers read of a run: nothing of where it ran."""

import pytest

from venuefinder.jobs import JobFailure
from venuefinder.redacting import Redaction

FOLDER = Redaction("/srv/our photos/venues", "crm", uploaded=False)
BUCKET = Redaction("s3://our-bucket/2026/venues.jsonl", "crm", uploaded=False)
SENT = Redaction("upload:venues.jsonl", "venues.jsonl", uploaded=True)


@pytest.mark.parametrize(
    ("redaction", "said", "shown"),
    [
        (FOLDER, "/srv/our photos/venues/barn/a.jpg: no such file", "barn/a.jpg: no such file"),
        (FOLDER, "/srv/our photos/venues: cannot be read", "crm: cannot be read"),
        (FOLDER, "cannot be read: [Errno 13] '/etc/secrets/key'", "cannot be read: [Errno 13] 'key'"),
        (FOLDER, "tar:512:99:/mnt/disk1/shard.tar: too short", "tar:512:99:shard.tar: too short"),
        (FOLDER, "http://10.0.0.8:9000/minio/a.jpg: 403", "a.jpg: 403"),
        (FOLDER, "PostgreSQL at 10.0.0.8:5432 does not answer", "PostgreSQL at … does not answer"),
        (FOLDER, "found 1/2 of 1,000/2,000 bytes", "found 1/2 of 1,000/2,000 bytes"),
        (BUCKET, "s3://our-bucket/2026/barn/a.jpg: missing", "barn/a.jpg: missing"),
        (BUCKET, "s3://our-bucket/2026/venues.jsonl: missing", "crm: missing"),
        (BUCKET, "s3://another/a.jpg: refused", "a.jpg: refused"),
        (SENT, "https://photos.example/a/b.jpg: 404", "https://photos.example/a/b.jpg: 404"),
        (SENT, "file:///etc/passwd: refused", "passwd: refused"),
        (SENT, "/var/venuefinder-x1/venues.jsonl: not JSON", "venues.jsonl: not JSON"),
        (SENT, "intranet.example is 192.168.1.7: private", "intranet.example is …: private"),
        (SENT, "intranet.example is fd00::7, private", "intranet.example is …, private"),
        (SENT, "intranet.example is [::1]:80, private", "intranet.example is …:80, private"),
    ],
)
def test_nothing_of_the_machine_is_told(redaction, said, shown):
    assert redaction.text(said) == shown


def failure(uri: str, reason: str) -> JobFailure:
    return JobFailure(id=1, uri=uri, external_id="barn", kind="fetch", reason=reason, read_from="x")


@pytest.mark.parametrize(
    ("redaction", "uri", "reason", "shown"),
    [
        (FOLDER, "/srv/our photos/venues/barn/a.jpg", "is /dev/null", ("barn/a.jpg", "is null")),
        (FOLDER, "barn/a.jpg", "/srv/our photos/venues/barn/a.jpg: broken", ("barn/a.jpg", "barn/a.jpg: broken")),
        (
            FOLDER,
            "https://cdn.example/a.jpg",
            "https://cdn.example/a.jpg: led to http://10.1.1.1/x.jpg",
            ("https://cdn.example/a.jpg", "https://cdn.example/a.jpg: led to x.jpg"),
        ),
        (
            SENT,
            "http://93.184.216.34/a.jpg",
            "http://93.184.216.34/a.jpg: 404 from 93.184.216.34",
            ("http://93.184.216.34/a.jpg", "http://93.184.216.34/a.jpg: 404 from …"),
        ),
        (BUCKET, "s3://our-bucket/2026/barn/a.jpg", "missing", ("barn/a.jpg", "missing")),
        (BUCKET, "venues.jsonl:7", "not JSON", ("venues.jsonl:7", "not JSON")),
    ],
)
def test_photos_have_their_listing_s_name(redaction, uri, reason, shown):
    found = redaction.failure(failure(uri, reason))

    assert (found.uri, found.reason) == shown
    assert found.read_from in ("crm", "venues.jsonl")
