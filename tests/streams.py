"""Reading server-sent events in tests."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it came."""

    name: str
    data: Mapping[str, Any]
    id: str


def told(api: httpx2.Client, stream: str, **headers: str) -> list[Told]:
    """Read a stream to its end."""
    with api.stream("GET", stream, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        return list(events(response))


def events(response: httpx2.Response) -> Iterator[Told]:
    """Yield the events of a response as they come; comments are left out."""
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if not line and fields:
            yield Told(fields["event"], json.loads(fields["data"]), fields["id"])
            fields = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
