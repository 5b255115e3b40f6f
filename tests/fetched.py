"""What fetches are tried on: a photo, and how long and how large one may be."""

from collections.abc import Callable, Mapping

from tests import hostile
from tests.hostile_web import Client, Handler, HostileServer, answer
from venuefinder.originals.fetching import Fetcher

PHOTO = hostile.encoded(hostile.textured(), "JPEG")
SECONDS = 0.6
"""That a fetch may take here."""
MAX_BYTES = 200_000

Serve = Callable[[Mapping[str, Handler]], HostileServer]
Make = Callable[..., Fetcher]


def cut_short(client: Client) -> None:
    client.send(answer(PHOTO[:500], length=len(PHOTO)))
    client.reset()


def dripping_body(client: Client) -> None:
    client.send(answer(length=len(PHOTO)))
    client.drip(PHOTO)
