"""Prompts as tokens and pixels, through the model's own chat template: `[system][photo]` and `[question]` apart.

A prompt made by hand has other tokens than the model was trained on, or other than its processor counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from PIL import Image

from venuefinder.errors import ConfigurationError
from venuefinder.vlm.chat_requests import inert
from venuefinder.vlm.loading import EXTRA, reason_of
from venuefinder.vlm.prompts import SYSTEM
from venuefinder.vlm.resizing import TOKEN_SIDE, TokenLimits, fitted

if TYPE_CHECKING:
    import torch

SUFFIXES = 4096
"""Questions whose tokens are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPhoto:
    """`[system][photo]`, ready for the model."""

    sequences: Mapping[str, "torch.Tensor"]
    """`[1, L]` each: input_ids, attention_mask and what else the model wants to know of each token."""
    pixels: Mapping[str, "torch.Tensor"]
    """`[P, ...]` each: pixel values and their shapes."""

    @property
    def length(self) -> int:
        """Tokens, L."""
        return int(self.sequences["input_ids"].shape[1])

    @property
    def shape(self) -> tuple[tuple[int, ...], ...]:
        """What must be the same for photos in one batch."""
        return tuple(tuple(self.pixels[name].shape[1:]) for name in sorted(self.pixels))


class Chat:
    """Makes a model's inputs. Thread-safe: tokenizers are not, so one lock is around the processor."""

    def __init__(self, processor: Any, image_token: int, limits: TokenLimits) -> None:
        self._processor = processor
        self._image_token = image_token
        self._limits = limits
        self._lock = Lock()
        # Tokens around the photo need not be special ones: processors of some models name them apart.
        around = (*processor.tokenizer.all_special_ids, *getattr(processor, "image_token_ids", ()))
        self._around_photo = {int(token) for token in around if token is not None}
        self._added = [token for token in processor.tokenizer.get_added_vocab() if token.strip()]
        self.suffix = lru_cache(maxsize=SUFFIXES)(self._suffix)
        """Returns the tokens of a question, from the end of the photo to where the answer begins."""
        self._check()

    def prefix(self, photo: Image.Image) -> PreparedPhoto:
        """Return `[system][photo]` of an upright RGB photo; ImageError for a ribbon that no model takes."""
        inputs = self.inputs(photo, "?")
        ids = inputs.pop("input_ids")
        cut = self._end_of_photo(ids)
        of_tokens = {name: value for name, value in inputs.items() if value.shape == ids.shape}
        return PreparedPhoto(
            sequences={name: value[:, :cut] for name, value in {"input_ids": ids, **of_tokens}.items()},
            pixels={name: value for name, value in inputs.items() if name not in of_tokens},
        )

    def _suffix(self, question: str) -> tuple[int, ...]:
        ids = self.inputs(blank(), question)["input_ids"]
        return tuple(ids[0, self._end_of_photo(ids) :].tolist())

    def inputs(self, photo: Image.Image, question: str) -> dict[str, "torch.Tensor"]:
        """Return `[system][photo][question]`, whole."""
        content = [{"type": "image"}, {"type": "text", "text": self._inert(question)}]
        messages = [
            {"role": "system", "content": [{"type": "text", "text": SYSTEM}]},
            {"role": "user", "content": content},
        ]
        images, how = self._resized(photo)
        with self._lock:
            text = self._processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
            inputs = dict(self._processor(text=[text], images=images, return_tensors="pt", **how))
        inputs.pop("labels", None)  # for training; some processors give them always
        return inputs

    def _resized(self, photo: Image.Image) -> tuple[list[Image.Image], dict[str, Any]]:
        """Return the photo with what the processor has still to do to it."""
        images = self._processor.image_processor
        side = getattr(images, "patch_size", None), getattr(images, "merge_size", None)
        if side == (14, 2):
            return _resized_for_qwen(photo, fitted(*photo.size, self._limits)), {"do_resize": False}
        if isinstance(side[0], int) and isinstance(side[1], int):
            area = (side[0] * side[1]) ** 2
            size = {"shortest_edge": self._limits.least * area, "longest_edge": self._limits.most * area}
            return [photo], {"size": size}
        return [photo], {}

    def _end_of_photo(self, ids: "torch.Tensor") -> int:
        """Return where the last photo ends, with the marks around it: Qwen's <|vision_end|>."""
        tokens = ids[0].tolist()
        end = len(tokens) - tokens[::-1].index(self._image_token)
        while tokens[end] in self._around_photo:
            end += 1
        return end

    def _inert(self, text: str) -> str:
        """Return text in which no word is a mark of control: a stranger's <|im_end|> would end the question.

        Some models' marks are tokens, others' are words that only their template knows ([INST]).
        """
        text = inert(text)
        while found := next((token for token in self._added if token in text), None):
            text = text.replace(found, " ")
        return text

    def _check(self) -> None:
        """Refuse a model that makes no such prompts, or none that can be split between photo and question."""
        try:
            first, second = (self.inputs(blank(), question)["input_ids"] for question in ("Is it?", "Are there two?"))
            cut, other = self._end_of_photo(first), self._end_of_photo(second)
        except ConfigurationError:
            raise
        # No template, one that takes no system message, a processor that makes no tokens of the photo: any error.
        except Exception as error:
            raise ConfigurationError(
                f"VENUEFINDER_VLM: the model's chat template or processor cannot make a prompt of a system message, a "
                f"photo and a question ({reason_of(error)}), expected one that can; choose another "
                f"model, or serve it and choose openai:<base url>#<model>"
            ) from error
        if cut != other or first[0, :cut].tolist() != second[0, :cut].tolist():
            raise ConfigurationError(
                "VENUEFINDER_VLM: the model's chat template puts the question before the photo, expected after it; "
                "choose another model"
            )


def _resized_for_qwen(photo: Image.Image, size: tuple[int, int]) -> list[Image.Image]:
    try:
        from qwen_vl_utils import process_vision_info  # type: ignore[import-untyped]  # it has no types
    except ImportError as error:
        raise ConfigurationError(f"VENUEFINDER_VLM: found no package {error.name}; {EXTRA}") from error
    part = {"type": "image", "image": photo, "resized_width": size[0], "resized_height": size[1]}
    images: list[Image.Image] = process_vision_info([{"role": "user", "content": [part]}])[0]
    return images


def blank() -> Image.Image:
    """Return a photo of nothing, of 4 x 4 visual tokens."""
    return Image.new("RGB", (4 * TOKEN_SIDE, 4 * TOKEN_SIDE), (127, 127, 127))
