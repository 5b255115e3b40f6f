"""One OpenAI-compatible server: a chat goes out, the bytes of its answer come back, whatever the server does.

The server is a stranger: redirects and large answers are refused, proxies of the environment are not asked, every
request ends in time, and nothing that it says is repeated beyond a line without the key. Where it is and what it says
is in VisionUnavailableError and in the log alone: callers read why a photo was not read, and these are no words for
them.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from concurrent.futures import CancelledError
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

import httpx2
from pydantic import SecretStr

from venuefinder.errors import ConfigurationError, VisionAnswerError, VisionError, VisionUnavailableError
from venuefinder.vlm.loop_thread import LoopThread
from venuefinder.vlm.retry_after import retry_after
from venuefinder.vlm.served_address import ServedModel

logger = logging.getLogger(__name__)
MAX_ANSWER_BYTES = 1_000_000
CONNECT_SECONDS = 10.0
PAUSES = (0.25, 1.0, 2.0)
"""Seconds before each further try."""


NOT_BEGUN = "not begun in time"


class NotBegunError(VisionError):
    """There was no time left to begin."""


class BadRequestError(VisionAnswerError):
    """The server does not take this request. `said` is why, in its own words."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"the model's server refuses the request (HTTP {status}); its log and this service's say why")
        self.said = said


class _PassingError(VisionUnavailableError):
    """The server may do better when asked again."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class ChatServer:
    """Posts chats, a bounded number at once, each within `timeout` seconds, tries again included. Thread-safe."""

    def __init__(self, served: ServedModel, *, key: SecretStr | None, timeout: float, concurrency: int) -> None:
        self._served = served
        self._who = f"{served.shown} at {served.host}"
        self._key = key or SecretStr("")
        if not (self._secret.isascii() and self._secret.isprintable()):
            raise ConfigurationError("VENUEFINDER_VLM_API_KEY: found characters that no HTTP header may hold")
        self._timeout = timeout
        self._concurrency = concurrency
        self._turns = BoundedSemaphore(concurrency)
        self._loop = LoopThread("vlm-server")
        self._client: httpx2.AsyncClient | None = None
        self._closed = False

    def complete(self, chat: Mapping[str, Any], *, until: float | None = None) -> bytes:
        """Return the JSON that answers a chat.

        `until`, of `time.monotonic()`, is when nothing is begun any more. Raises NotBegunError then, BadRequestError
        for a request that the server does not take, VisionAnswerError for what is no JSON answer, and
        VisionUnavailableError where the server is down, too slow, or refuses whoever asks.
        """
        left = None if until is None else until - monotonic()
        if (left is not None and left <= 0) or not self._turns.acquire(timeout=left):
            raise NotBegunError(NOT_BEGUN)
        try:
            if self._closed:
                raise VisionUnavailableError(f"{self._who}: closed")
            return self._loop.run(self._answered(json.dumps(chat).encode(), until))
        except CancelledError:
            raise VisionUnavailableError(f"{self._who}: closed") from None
        finally:
            self._turns.release()

    def close(self) -> None:
        """Give up the requests under way, and let go of connections: a server that hangs holds up no process's end."""
        self._closed = True
        self._loop.cancel()
        for _ in range(self._concurrency):
            self._turns.acquire()
        if self._client is not None:
            self._loop.run(self._client.aclose())
            self._client = None
        self._loop.close()
        self._turns.release(self._concurrency)

    @property
    def _secret(self) -> str:
        return self._key.get_secret_value()

    async def _answered(self, chat: bytes, until: float | None) -> bytes:
        deadline = monotonic() + self._timeout
        try:
            async with asyncio.timeout(self._timeout):
                return await self._tried(chat, deadline if until is None else min(deadline, until))
        except TimeoutError:
            raise VisionUnavailableError(
                f"{self._who}: no whole answer within {self._timeout:g} seconds; raise VENUEFINDER_VLM_TIMEOUT, or "
                "give the server less to do at once by VENUEFINDER_VLM_CONCURRENCY"
            ) from None

    async def _tried(self, chat: bytes, deadline: float) -> bytes:
        """Try again after failures that may pass, as long as another try can begin by the deadline."""
        for pause in PAUSES:
            try:
                return await self._once(chat)
            except _PassingError as error:
                wait = pause if error.wait is None else error.wait
                if monotonic() + wait >= deadline:
                    raise
                await asyncio.sleep(wait)
        return await self._once(chat)

    async def _once(self, chat: bytes) -> bytes:
        headers = {"Content-Type": "application/json"}
        if self._secret:
            headers["Authorization"] = f"Bearer {self._secret}"
        try:
            async with self._connected().stream("POST", self._served.url, content=chat, headers=headers) as response:
                body = await self._bounded(response)
        except httpx2.TransportError as error:
            problem = type(error).__name__
            raise _PassingError(f"{self._who} cannot be reached ({problem}); does it run, and is it there?") from None
        except httpx2.DecodingError:
            raise VisionAnswerError("the answer of the model's server cannot be decompressed") from None
        return self._judged(response, body)

    def _connected(self) -> httpx2.AsyncClient:
        if self._client is None:
            self._client = httpx2.AsyncClient(
                # What is read has no time limit of its own: the whole request has.
                timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
                limits=httpx2.Limits(max_connections=None),
                follow_redirects=False,
                trust_env=False,
                verify=httpx2.create_ssl_context(),  # the one thing of the environment: which authorities to trust
            )
        return self._client

    async def _bounded(self, response: httpx2.Response) -> bytes:
        parts, size = [], 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                raise VisionAnswerError(
                    f"the answer of the model's server is larger than {MAX_ANSWER_BYTES:,} bytes, and refused"
                )
            parts.append(part)
        return b"".join(parts)

    def _judged(self, response: httpx2.Response, body: bytes) -> bytes:
        """Return the body of a good answer; raises for every other status."""
        status = response.status_code
        if status == 200:
            return self._json(response, body)
        if response.is_redirect:
            raise VisionUnavailableError(
                f"{self._who} redirects (HTTP {status}), which is not followed; name the final address in "
                "VENUEFINDER_VLM"
            )
        if status in (401, 403):
            raise VisionUnavailableError(
                f"{self._who} refuses whoever asks (HTTP {status}); check VENUEFINDER_VLM_API_KEY"
            )
        if status in (404, 405):
            raise VisionUnavailableError(
                f"{self._served.host} has no model {self._served.shown!r}, or no chats at this address (HTTP {status})"
                "; check VENUEFINDER_VLM: the address usually ends in /v1, and /v1/models lists the models"
            )
        if status in (408, 429) or status >= 500:
            wait = retry_after(response.headers.get("retry-after"))
            asks = "" if wait is None else f", and asks to wait {wait:g} seconds"
            raise _PassingError(f"{self._who} fails with HTTP {status} ({self._said(body)}){asks}", wait)
        said = self._said(body)
        logger.warning("%s refuses a request: HTTP %d, %s", self._who, status, said)
        raise BadRequestError(status, said)

    def _json(self, response: httpx2.Response, body: bytes) -> bytes:
        kind = response.headers.get("content-type", "nothing").partition(";")[0].strip().lower()
        if not kind.endswith("json"):
            raise VisionAnswerError(
                f"the model's server answers with {kind[:50]!r}, expected application/json; is the address that of "
                "an OpenAI-compatible server?"
            )
        return body

    def _said(self, body: bytes) -> str:
        """Return a line of what the server says is wrong, without the key should it repeat it."""
        text = body[:10_000].decode(errors="replace")
        try:
            found = json.loads(text)
            found = found.get("error", found)
            text = str(found.get("message", found)) if isinstance(found, dict) else str(found)
        except (ValueError, AttributeError, RecursionError):
            pass
        if self._secret:
            text = text.replace(self._secret, "***")
        printable = "".join(letter if letter.isprintable() else " " for letter in text)
        return " ".join(printable.split())[:200] or "without a word"
