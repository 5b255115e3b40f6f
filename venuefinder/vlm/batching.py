"""How many at once: photos of similar size together, the next ones prepared meanwhile, fewer when memory runs out."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from venuefinder.errors import ImageError, VisionUnavailableError
from venuefinder.vision.photo_reading import PhotoInput, Unread
from venuefinder.vlm.chat import PreparedPhoto

Item = TypeVar("Item")
Result = TypeVar("Result")

WINDOW = 4
"""Batches that photos are sorted by size among; over more, a caller's first photos would come too late."""

CPU_OUT_OF_MEMORY = "DefaultCPUAllocator"
"""Names who could not allocate, in the RuntimeError that torch raises on a CPU."""

Prepared = PreparedPhoto | Unread | None
"""None where there is nothing to prepare."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Photos that are read together: their places among the caller's, and what is prepared of each."""

    places: list[int]
    prepared: list[Prepared]


def turns(
    photos: Sequence[PhotoInput], size: int, prepare: Callable[[PhotoInput], Prepared], executor: Executor
) -> Iterator[Turn]:
    """Yield the photos in turns of at most `size`, preparing those of the next turn while one is worked on."""
    waiting: list[tuple[list[int], list[Future[Prepared]]]] = []
    try:
        for places in _grouped(photos, size):
            waiting.append((places, [executor.submit(attempted, partial(prepare, photos[place])) for place in places]))
            if len(waiting) > 1:
                yield _done(*waiting.pop(0))
        while waiting:
            yield _done(*waiting.pop(0))
    finally:
        for _, futures in waiting:
            for future in futures:
                future.cancel()


def attempted(make: Callable[[], Item]) -> Item | Unread:
    """Return what is made of a photo, or why that cannot be."""
    try:
        return make()
    except ImageError as error:
        return Unread(str(error))
    # A photo that an image processor cannot take must not harm the others, whatever it raises.
    except Exception as error:
        return Unread(f"the photo cannot be prepared for the model ({type(error).__name__})")


def _done(places: list[int], futures: list[Future[Prepared]]) -> Turn:
    return Turn(places, [future.result() for future in futures])


def _grouped(photos: Sequence[PhotoInput], size: int) -> Iterator[list[int]]:
    """Yield places in groups of `size`, sorted by pixels within a window so that little is padded."""
    for start in range(0, len(photos), size * WINDOW):
        window = range(start, min(start + size * WINDOW, len(photos)))
        ordered = sorted(window, key=lambda place: photos[place].width * photos[place].height)
        yield from (ordered[first : first + size] for first in range(0, len(ordered), size))


class Sizes:
    """How many to run at once: at most `most`, half as many each time that memory runs out, then slowly more again."""

    def __init__(self, most: int, relieve: Callable[[], None]) -> None:
        self._most = most
        self._relieve = relieve
        self.now = most
        """At most so many at once."""

    def run(self, items: Sequence[Item], work: Callable[[Sequence[Item]], list[Result]]) -> list[Result]:
        """Return `work` of all items, in batches; VisionUnavailableError when memory is too small for one."""
        done: list[Result] = []
        self.now = min(self._most, self.now * 2)
        while len(done) < len(items):
            batch = items[len(done) : len(done) + self.now]
            found = self._attempted(batch, work)
            if found is not None:
                done += found
                continue
            # The error is gone by here, and the tensors that it held with it.
            self._relieve()
            if len(batch) == 1:
                raise VisionUnavailableError(
                    "the vision-language model has not enough memory for a single photo; lower "
                    "VENUEFINDER_VLM_MAX_TOKENS, set VENUEFINDER_VLM_QUANTISE=4bit, or choose a smaller model"
                )
            self.now = max(1, len(batch) // 2)
        return done

    @staticmethod
    def _attempted(batch: Sequence[Item], work: Callable[[Sequence[Item]], list[Result]]) -> list[Result] | None:
        import torch

        try:
            return work(batch)
        except (torch.OutOfMemoryError, MemoryError):
            return None
        except RuntimeError as error:
            if CPU_OUT_OF_MEMORY in str(error):
                return None
            reason = (str(error) or type(error).__name__).splitlines()[0][:300]
            raise VisionUnavailableError(
                f"the vision-language model failed ({reason}); start VenueFinder again"
            ) from error
