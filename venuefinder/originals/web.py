"""The web as two kinds of callers may reach it: the operator's listings, and those of strangers."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from venuefinder.originals.addresses import Resolve, system_resolve
from venuefinder.originals.fetching import Fetcher


class Web:
    """Makes its fetchers when first asked. Thread-safe."""

    def __init__(
        self, *, max_bytes: int, timeout: float, allow: Sequence[str], resolve: Resolve = system_resolve
    ) -> None:
        """Take what `Fetcher` takes; `allow` is for the operator's listings alone."""
        self._max_bytes = max_bytes
        self._timeout = timeout
        self._allow = allow
        self._resolve = resolve
        self._fetchers: dict[bool, Fetcher] = {}
        """By whether they fetch from public addresses alone."""
        self._making = Lock()

    def read(self, url: str, *, span: tuple[int, int] | None = None, public: bool = False) -> bytes:
        """Return the bytes at an address; `public`: from public addresses alone. Raises as `Fetcher.read`."""
        return self._fetcher(public=public).read(url, span=span)

    def download(self, url: str, path: Path, *, max_bytes: int) -> None:
        """Write the bytes at an address to a file; raises as `Fetcher.download`."""
        self._fetcher(public=False).download(url, path, max_bytes=max_bytes)

    def close(self) -> None:
        """Close the connections."""
        for fetcher in self._fetchers.values():
            fetcher.close()

    def _fetcher(self, *, public: bool) -> Fetcher:
        with self._making:
            if public not in self._fetchers:
                allow = () if public else self._allow
                self._fetchers[public] = Fetcher(
                    max_bytes=self._max_bytes, timeout=self._timeout, allow=allow, resolve=self._resolve
                )
            return self._fetchers[public]
