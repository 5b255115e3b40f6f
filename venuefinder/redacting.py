"""What a run says of its source, in words that tell callers nothing of the machines it ran on."""

import re
from dataclasses import replace

from venuefinder.jobs import JobFailure

_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s'\"<>]*", re.IGNORECASE)
_FOLDERS = re.compile(r"(?<![\w.~/-])/(?:[^\s/'\";,]+/)*(?=[^\s/'\";,])")
"""Of an absolute path, all but its last part."""
_ADDRESS = re.compile(
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?|\[?(?<!\w)(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?!\w)\]?", re.IGNORECASE
)
"""Of IPv4 and IPv6: which address a name has is no caller's business."""
HIDDEN = "…"


class Redaction:
    """Hides where a source lies: its place becomes its name, and what is below it is named relative to it.

    Of an operator's source, addresses become their last part. Of what a caller sent, its own addresses stay.
    """

    def __init__(self, place: str, name: str, *, uploaded: bool) -> None:
        self._place = place.rstrip("/")
        self._name = name
        self._uploaded = uploaded

    def failure(self, found: JobFailure) -> JobFailure:
        """Return a failure in words for callers. An address that the listing gives as the photo's stays."""
        uri = self._relative(found.uri)
        if uri != found.uri or "://" not in uri:
            return replace(found, uri=self.text(uri), reason=self.text(found.reason), read_from=self._name)
        reason = uri.join(self.text(part) for part in found.reason.split(uri))
        return replace(found, reason=reason, read_from=self._name)

    def text(self, text: str) -> str:
        """Return text without paths, hosts and addresses of machines."""
        return _ADDRESS.sub(HIDDEN, _FOLDERS.sub("", _URL.sub(self._url, self._relative(text))))

    def _relative(self, text: str) -> str:
        if "/" not in self._place:
            return text
        folder = self._place.rpartition("/")[0]
        text = text.replace(f"{self._place}/", "").replace(self._place, self._name)
        return text if folder.endswith((":", ":/")) or "/" not in folder else text.replace(f"{folder}/", "")

    def _url(self, found: re.Match[str]) -> str:
        if self._uploaded and found[0].lower().startswith(("http://", "https://")):
            return found[0]
        return found[0].rstrip("/").rpartition("/")[2]
