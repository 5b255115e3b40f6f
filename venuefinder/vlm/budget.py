"""What photos cost a vision-language model before anything is run: visual tokens, memory, arithmetic. No torch.

Tokens are exact for models of Qwen2.5-VL's architecture; memory and time follow from published sizes and are estimates.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from venuefinder.vlm.model_shape import ModelShape
from venuefinder.vlm.prompt_tokens import TextTokens
from venuefinder.vlm.resizing import TokenLimits, fitted, visual_tokens


@dataclass(frozen=True, slots=True)
class SizedPhoto:
    """A photo's name and its upright size in pixels."""

    name: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What photos would be read by, and how."""

    model: str
    limits: TokenLimits
    text: TextTokens
    shape: ModelShape | None
    """None for a model whose sizes are not known: then there are tokens, as Qwen counts them, and no more."""
    value_bytes: int = 2
    """Of one weight or cached value: 2 for bfloat16 and float16, 4 for float32."""
    quantised: bool = False
    tflops: float = 100.0
    """10^12 operations a second that the device keeps up, for the estimate of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoCost:
    """What one photo costs."""

    photo: str
    width: int
    height: int
    """Pixels, upright."""
    seen_width: int
    seen_height: int
    """Pixels that the model sees, multiples of 28."""
    visual_tokens: int
    request_tokens: int
    """`[system][photo][question]` of a report."""
    kv_bytes: int | None
    """Of `[system][photo]`, kept ready for more questions."""
    tflop: float | None
    """10^12 operations to read the request."""
    seconds: float | None
    """`tflop` at the plan's rate. An estimate: without decoding, writing the answer, and attention between tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What photos cost together, each read once for a report."""

    photos: tuple[PhotoCost, ...]
    visual_tokens: int
    request_tokens: int
    question_tokens: int
    """What one more question of yes or no adds to a photo already read."""
    kv_bytes: int | None
    """Of all photos, kept ready at once."""
    weight_bytes: int | None
    tflop: float | None
    seconds: float | None


def cost_of(photo: SizedPhoto, plan: Plan) -> PhotoCost:
    """Return what a photo costs; raises ImageError for one that no model of this kind takes."""
    seen = fitted(photo.width, photo.height, plan.limits)
    visual = visual_tokens(*seen)
    text = plan.text.system + plan.text.report
    tflop = plan.shape.prefill_flops(visual=visual, text=text) / 1e12 if plan.shape else None
    kv_token = plan.shape.kv_bytes(plan.value_bytes) if plan.shape else None
    return PhotoCost(
        photo=photo.name,
        width=photo.width,
        height=photo.height,
        seen_width=seen[0],
        seen_height=seen[1],
        visual_tokens=visual,
        request_tokens=visual + text,
        kv_bytes=None if kv_token is None else (visual + plan.text.system) * kv_token,
        tflop=tflop,
        seconds=None if tflop is None else tflop / plan.tflops,
    )


def budget_of(photos: Sequence[PhotoCost], plan: Plan) -> Budget:
    """Add up what photos cost under one plan."""
    shape = plan.shape
    tflop = sum(cost.tflop or 0.0 for cost in photos) if shape else None
    return Budget(
        photos=tuple(photos),
        visual_tokens=sum(cost.visual_tokens for cost in photos),
        request_tokens=sum(cost.request_tokens for cost in photos),
        question_tokens=plan.text.question,
        kv_bytes=sum(cost.kv_bytes or 0 for cost in photos) if shape else None,
        weight_bytes=round(shape.weight_bytes(plan.value_bytes, quantised=plan.quantised)) if shape else None,
        tflop=tflop,
        seconds=None if tflop is None else tflop / plan.tflops,
    )
