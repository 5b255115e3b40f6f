"""What reads from other machines."""

from dataclasses import dataclass

from venuefinder.originals.buckets import Buckets
from venuefinder.originals.web import Web


@dataclass(frozen=True, slots=True)
class Network:
    """The web and the buckets, as the settings let them be reached."""

    web: Web
    buckets: Buckets

    def close(self) -> None:
        """Close the connections."""
        self.web.close()
