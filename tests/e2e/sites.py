"""What the stories visit: the sample venues, no venues, a service with a key, and one whose model looks closer."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic

from pydantic import SecretStr

from tests.catalogues import run
from tests.serving import served
from venuefinder.bootstrap import Services
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.testing import FakeVisionLanguageModel
from venuefinder.vision.photo_reading import PhotoInput, Unread, Verdict, YesNo

KEY = "open-sesame"
GATES = ("desktop", "phone")
"""One for each of Playwright's projects, which run at the same time."""
SECONDS = 60
"""That nothing here takes, but where something is broken."""


class Gated(FakeVisionLanguageModel):
    """Likes later photos better, so that every order changes; says so once the gate that a question names is open."""

    def __init__(self) -> None:
        super().__init__(model="gated")
        self.gates = {name: threading.Event() for name in GATES}

    def verdicts(
        self, photos: Sequence[PhotoInput], questions: Sequence[YesNo], *, until: float | None = None
    ) -> list[list[Verdict] | Unread]:
        """Judge each photo by its id."""
        for name, gate in self.gates.items():
            if any(name in question.text for question in questions):
                gate.wait(SECONDS if until is None else max(until - monotonic(), 0))
        return [[Verdict(True, 0.5 + min(photo.photo_id, 400) / 1000) for _ in questions] for photo in photos]


@contextmanager
def gate(model: Gated) -> Iterator[str]:
    """Let stories open and close the model's gates over HTTP: GET /phone/open, GET /phone/closed."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, name, state = self.path.split("/")
            model.gates[name].set() if state == "open" else model.gates[name].clear()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def sites(full: Database, empty: Database, samples: Path, data: Path) -> Iterator[dict[str, str]]:
    """Serve them all, each on a port of its own, and yield their addresses by the names that `story.ts` reads."""
    settings = Settings(_env_file=None, data_dir=data)
    locked = settings.model_copy(update={"api_key": SecretStr(KEY)})
    model = Gated()
    with ExitStack() as stack:
        first = stack.enter_context(Services(settings, database=full))
        run(first, samples)

        def more(database: Database, own: Settings = settings, vision: Gated | None = None) -> Services:
            return stack.enter_context(Services(own, encoder=first.encoder, database=database, vision=vision))

        places = {"SITE": first, "CLOSER": more(full, vision=model), "EMPTY": more(empty), "LOCKED": more(full, locked)}
        yield {
            **{name: str(stack.enter_context(served(each)).base_url) for name, each in places.items()},
            "GATE": stack.enter_context(gate(model)),
            "KEY": KEY,
            "PHOTO": str(samples / "saddle-room" / "front-room.jpg"),
        }
        for opened in model.gates.values():
            opened.set()
