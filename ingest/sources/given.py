"""Photos whose bytes stand in a listing: `{"uri", "bytes", "caption"}`, or `{"bytes", "path"}` as datasets write."""

import hashlib
from typing import Any

from ingest.sources.found import GivenPhoto
from venuefinder.errors import ListingError
from venuefinder.images import sniff
from venuefinder.originals import INLINE
from venuefinder.records import PhotoFile


class HeldBytes:
    """Bytes in memory until they are taken, so that a venue that waits to be written holds none."""

    def __init__(self, data: bytes) -> None:
        self._data: bytes | None = data

    def take(self) -> bytes | None:
        """Return the bytes once."""
        data, self._data = self._data, None
        return data


def taken_from(fields: Any) -> dict[str, GivenPhoto]:
    """Take the bytes out of the fields of a listing, a uri in the place of each; return what was taken, by uri.

    A photo without `uri` is called what `path` says, else by the hash of its bytes. Raises ListingError for one of the
    names twice with different bytes.
    """
    given: dict[str, GivenPhoto] = {}
    if isinstance(fields, dict):
        for owner in (fields, *(fields["rooms"] if isinstance(fields.get("rooms"), list) else ())):
            if isinstance(owner, dict) and isinstance(owner.get("photos"), list | dict | bytes):
                photos = owner["photos"]
                named = [_named(photo, given) for photo in (photos if isinstance(photos, list) else [photos])]
                owner["photos"] = [photo for photo in named if photo is not None]
    return given


def _named(photo: Any, given: dict[str, GivenPhoto]) -> Any:
    """Return a photo as listings name it, None for one that is there already."""
    if isinstance(photo, bytes):
        photo = {"bytes": photo}
    if not isinstance(photo, dict) or not {"bytes", "path"} & set(photo):
        return photo
    rest = {name: value for name, value in photo.items() if name not in ("bytes", "path")}
    data, path = photo.get("bytes"), photo.get("path")
    if not isinstance(data, bytes):
        return rest if "uri" in rest else rest | {"uri": path}
    digest = hashlib.sha256(data).hexdigest()
    uri = rest.get("uri") or path or f"{digest[:16]}.{(sniff(data) or 'file').lower()}"
    if not isinstance(uri, str):
        raise ListingError(f"photos: uri: found {type(uri).__name__}, expected text")
    file = PhotoFile(location=f"{INLINE}{digest}", size=len(data), mtime_ns=None, copied=True)
    if uri in given and given[uri].file == file:
        return None
    if uri in given:
        raise ListingError(f"photos: two are called {str(uri)[:100]!r}; each must be unique within a venue")
    given[uri] = GivenPhoto(file, HeldBytes(data))
    return rest | {"uri": uri}
