"""Which stage limits a run, judged by what the run stood waiting for.

One thread takes venues from the listing, decoded photos from the decoders and embeddings from the encoder, and hands
groups to the writer. Each of these works beside the others, so that the thread waits only for whoever is behind: the
stage that it waits for longest is the one worth making faster.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, get_args

Stage = Literal["list", "decode", "encode", "write"]
"""Reading the source and comparing it with the catalogue; reading and decoding photos; the encoder; the database."""
STAGES: tuple[Stage, ...] = get_args(Stage)


IN_WORDS: dict[Stage, str] = {
    "list": "listing",
    "decode": "reading and decoding",
    "encode": "encoding",
    "write": "writing",
}


class Stages:
    """Seconds that a run waited for each stage."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self.waited: dict[Stage, float] = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def waiting_for(self, stage: Stage) -> Iterator[None]:
        """Count the time of the block as waiting for `stage`. For the one thread that all stages feed."""
        started = self._clock()
        try:
            yield
        finally:
            self.waited[stage] += self._clock() - started

    @property
    def limiting(self) -> Stage | None:
        """The stage that was waited for longest; None before any was."""
        stage = max(STAGES, key=lambda stage: self.waited[stage])
        return stage if self.waited[stage] else None
