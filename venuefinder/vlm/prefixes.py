"""What a model keeps of a photo it has read: the keys and values of `[system][photo]`, ready for any question."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from venuefinder.errors import VisionError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """A photo as the model remembers it. Never written to: branches work on copies."""

    layers: tuple[tuple["torch.Tensor", "torch.Tensor"], ...]
    """Keys and values of each layer, `[1, heads, L, D]`."""
    delta: int
    """What the position of a token after the photo differs by from its place: a photo takes fewer positions than
    tokens where positions are rows and columns (mrope). The model itself remembers that of its last request only."""

    @property
    def length(self) -> int:
        """Tokens, L."""
        return int(self.layers[0][0].shape[2])

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(part.numel() * part.element_size() for layer in self.layers for part in layer)


class PrefixCache:
    """Keeps the prefixes used last, within a bound in bytes. Not thread-safe: whoever owns the model owns it."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._prefixes: OrderedDict[bytes, Prefix] = OrderedDict()
        self.bytes = 0
        """Kept now."""

    def __len__(self) -> int:
        return len(self._prefixes)

    def __contains__(self, key: bytes) -> bool:
        return key in self._prefixes

    def get(self, key: bytes) -> Prefix | None:
        """Return a prefix, as used just now; None where it is not kept."""
        if key in self._prefixes:
            self._prefixes.move_to_end(key)
        return self._prefixes.get(key)

    def put(self, key: bytes, prefix: Prefix) -> None:
        """Keep a prefix, unless it alone is larger than the bound; those not used for longest make room."""
        if key in self._prefixes or prefix.size > self._bound:
            return
        self._prefixes[key] = prefix
        self.bytes += prefix.size
        while self.bytes > self._bound:
            self.bytes -= self._prefixes.popitem(last=False)[1].size

    def clear(self) -> None:
        """Let go of everything."""
        self._prefixes.clear()
        self.bytes = 0


def prefix_of(layers: Sequence[tuple["torch.Tensor", "torch.Tensor"]], row: int, length: int, delta: int) -> Prefix:
    """Return the prefix of one photo of a batch: the first `length` keys and values of its row in each layer.

    Raises VisionError for a model that remembers less than it read, such as a sliding window shorter than a photo.
    """
    short = min(part.shape[2] for layer in layers for part in layer)
    if short < length:
        raise VisionError(
            f"the vision-language model remembers {short} of a photo's {length} tokens, expected all of them; lower "
            f"VENUEFINDER_VLM_MAX_TOKENS or choose another model"
        )
    # Copies: a slice would keep the whole batch in memory.
    kept = tuple(
        (keys[row : row + 1, :, :length].clone(), values[row : row + 1, :, :length].clone()) for keys, values in layers
    )
    return Prefix(layers=kept, delta=delta)


def stacked(prefixes: Sequence[Prefix]) -> list[tuple["torch.Tensor", "torch.Tensor"]]:
    """Return copies of B prefixes as one: keys and values of each layer, `[B, heads, longest, D]`, zeros behind."""
    longest = max(prefix.length for prefix in prefixes)
    layers = zip(*(prefix.layers for prefix in prefixes), strict=True)
    return [(_joined([keys for keys, _ in rows], longest), _joined([v for _, v in rows], longest)) for rows in layers]


def _joined(parts: list["torch.Tensor"], length: int) -> "torch.Tensor":
    _, heads, _, width = parts[0].shape
    whole = parts[0].new_zeros((len(parts), heads, length, width))
    for row, part in enumerate(parts):
        whole[row, :, : part.shape[2]] = part[0]
    return whole
