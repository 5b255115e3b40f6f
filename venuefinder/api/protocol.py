"""HTTP/1.1 as uvicorn speaks it, with a problem for what is not HTTP at all and so never reaches the application."""

import uuid

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from venuefinder.api import problems

EXPECTED = "Expected HTTP/1.1: one Host header, 64 kB of headers at most, and a body as long as its headers say."


class ProblemProtocol(H11Protocol):
    """Uvicorn answers such requests in plain text, and logs an error when an answer is already under way."""

    def send_400_response(self, msg: str) -> None:
        """Answer with a problem if there is still time for an answer, and hang up."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._send(f"{msg} {EXPECTED}", str(uuid.uuid4()))
        self.transport.close()

    def _send(self, detail: str, request_id: str) -> None:
        found = problems.problem(problems.MALFORMED, detail, request_id=request_id)
        always = {"Connection": "close", "X-Request-ID": request_id, "X-Content-Type-Options": "nosniff"}
        response = problems.respond(found, always)
        head = h11.Response(status_code=response.status_code, headers=response.raw_headers, reason=b"Bad Request")
        for event in (head, h11.Data(data=bytes(response.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
