"""Addresses of photos on the web, as strangers write them: which may be asked for, and how they are shown."""

import re

from httpx2 import URL, InvalidURL

from venuefinder.errors import FetchError, RefusedImageError

SCHEMES = ("http", "https")
_SHOWN = 200
"""Characters of an address that a message repeats."""
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", re.IGNORECASE)
"""A name as DNS has it, or the numbers of IPv6; nothing that two parsers could read differently."""
_CREDENTIALS = re.compile(r"(?<=://)[^/]*@")
_REST = re.compile(r"[?#].*", re.DOTALL)


def is_web(location: str) -> bool:
    """Say whether a location is an http or https address."""
    return location[:8].lower().startswith(("http://", "https://"))


def web_url(text: str) -> URL:
    """Return the address a photo is asked for at, without its fragment.

    Raises RefusedImageError for another scheme and for one with a user or password, FetchError for what is no address.
    """
    try:
        url = URL(text.strip())
    except (InvalidURL, UnicodeError) as error:
        raise FetchError("no address: it cannot be read as a URL") from error
    if url.scheme not in SCHEMES:
        raise RefusedImageError(f"scheme {url.scheme[:20]!r}, expected http or https")
    if url.userinfo:
        raise RefusedImageError("a user or password in the address; give photos addresses without")
    if not _HOST.fullmatch(url.raw_host.decode("ascii")) or not (url.port is None or 0 < url.port < 65_536):
        raise FetchError("no address: its host or port cannot be read")
    return url.copy_with(fragment=None)


def redirected(url: URL, location: str) -> URL:
    """Return where a redirect leads; raises as `web_url` does, and RefusedImageError for one from https to http."""
    try:
        target = web_url(str(url.join(location)))
    except (InvalidURL, UnicodeError) as error:
        raise FetchError("redirected to no address: it cannot be read as a URL") from error
    except (FetchError, RefusedImageError) as error:
        raise type(error)(f"redirected to {error}") from error
    if url.scheme == "https" and target.scheme != "https":
        raise RefusedImageError(f"redirected from https to {shown(str(target))}, which is not encrypted")
    return target


def shown(location: str) -> str:
    """Return an address as messages may show it: no query, which may sign it, no user, no password, not too long."""
    text = _REST.sub("", _CREDENTIALS.sub("", location, count=1))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
