"""A rerank's address: the task itself, signed and expiring, so that any process with the same key can take it up.

    token = base64url(HMAC-SHA256(secret, body) . body),    body = zlib(JSON [version, nonce, expires, …])

Signed, not secret: whoever sees the address can read the words of the search in it. The signature is the full 32
bytes, checked before anything else is looked at.
"""

import hmac
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from hashlib import scrypt, sha256
from secrets import token_bytes, token_hex
from time import time

from pydantic import SecretStr

from venuefinder.errors import NotFoundError
from venuefinder.reranking.task import Candidate, RerankTask

VERSION = 2
SECONDS = 600.0
"""How long a token is good for."""
MOST_CHARACTERS = 32_000
"""Fifty of the longest external ids and the longest text stay below it."""
_SIGNATURE = 32


def secret_of(api_key: SecretStr | None) -> bytes:
    """Return what tokens are signed with: from the API key where there is one, else this process's own, 32 bytes.

    Processes behind a balancer share the key, and therefore tokens. Slow on purpose (scrypt, 16 MB, about 50 ms), so
    that a token that leaked is no quick test of guessed keys.
    """
    if api_key is None or not api_key.get_secret_value():  # an empty key is none, and anybody could sign with it
        return token_bytes(32)
    return scrypt(api_key.get_secret_value().encode(), salt=b"venuefinder rerank token", n=2**14, r=8, p=1, dklen=32)


@dataclass(frozen=True, slots=True)
class SignedTask:
    """A task whose signature was right."""

    key: bytes
    """What tells it from every other: not the token, since base64 has several spellings of one."""
    task: RerankTask


class Tokens:
    """Signs tasks and reads them back."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, task: RerankTask) -> str:
        """Return the task as an address carries it; no two are the same."""
        candidates = [[it.external_id, it.photo_id, it.retrieval] for it in task.candidates]
        asked = [task.first_rank, task.unasked, task.text, candidates]
        fields = [VERSION, token_hex(8), int(time() + SECONDS), asked]
        body = zlib.compress(json.dumps(fields, separators=(",", ":")).encode())
        return urlsafe_b64encode(self._signature(body) + body).decode().rstrip("=")

    def read(self, token: str) -> SignedTask:
        """Return the task of a token; raises NotFoundError where the token is not one of ours, or too old."""
        body = self._body(token)
        version, _, expires, *asked = json.loads(zlib.decompress(body))
        if version != VERSION or expires < time():
            raise _unknown("too old")
        first_rank, unasked, text, candidates = asked[0]
        found = tuple(Candidate(*candidate) for candidate in candidates)
        task = RerankTask(text=text, candidates=found, first_rank=first_rank, unasked=unasked)
        return SignedTask(sha256(body).digest(), task)

    def _body(self, token: str) -> bytes:
        try:
            if len(token) > MOST_CHARACTERS:
                raise ValueError
            signed = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except (ValueError, Base64Error):
            raise _unknown("not one of this service's") from None
        signature, body = signed[:_SIGNATURE], signed[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._signature(body)):
            raise _unknown("not one of this service's")
        return body

    def _signature(self, body: bytes) -> bytes:
        return hmac.new(self._secret, body, sha256).digest()


def _unknown(why: str) -> NotFoundError:
    return NotFoundError(f"rerank: found an address that is {why}; search again, and take rerank.stream as it is")
