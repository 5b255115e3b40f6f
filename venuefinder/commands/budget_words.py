"""What people see of a budget in a terminal."""

from collections.abc import Iterator

from venuefinder.vlm.budget import Budget, PhotoCost, Plan
from venuefinder.vlm.model_shape import KNOWN

SHOWN = 30
"""Photos a line each; all of them in JSON."""
NAME = 44
"""Characters of a photo's name: its end tells more than its beginning."""
BLIND = ("off", "zero-shot")


def budget_words(budget: Budget, plan: Plan, asked: str) -> Iterator[str]:
    """Return a budget a line each; `asked` is the setting, or the model that the command line named."""
    if asked in BLIND:
        yield f"VENUEFINDER_VLM is {asked}, which shows no photo to a model and costs none of this; as if it were one:"
    yield (
        f"{plan.model}: {plan.limits.least:,} to {plan.limits.most:,} visual tokens a photo; the prompts around it are "
        f"{'counted by its tokenizer' if plan.text.counted else 'estimated from their characters'}"
    )
    yield f"{'photo':{NAME}}  {'pixels':>13}  {'seen as':>11}  visual  request{_wide(plan, '      KV     time')}"
    for cost in budget.photos[:SHOWN]:
        yield _row(cost, plan)
    if len(budget.photos) > SHOWN:
        yield f"… and {len(budget.photos) - SHOWN:,} more; --json lists them all"
    yield from _totals(budget, plan)


def _row(cost: PhotoCost, plan: Plan) -> str:
    name = cost.photo if len(cost.photo) <= NAME else f"…{cost.photo[1 - NAME :]}"
    pixels, seen = f"{cost.width:,} x {cost.height:,}", f"{cost.seen_width:,} x {cost.seen_height:,}"
    known = f"  {size(cost.kv_bytes or 0):>7}  {seconds(cost.seconds or 0):>7}"
    return f"{name:{NAME}}  {pixels:>13}  {seen:>11}  {cost.visual_tokens:>6,}  {cost.request_tokens:>7,}" + _wide(
        plan, known
    )


def _wide(plan: Plan, columns: str) -> str:
    return columns if plan.shape else ""


def _totals(budget: Budget, plan: Plan) -> Iterator[str]:
    yield (
        f"{len(budget.photos):,} photos: {budget.visual_tokens:,} visual tokens, {budget.request_tokens:,} with a "
        f"question for a report; each further question of yes or no adds {budget.question_tokens:,} to a photo"
    )
    if budget.weight_bytes is None or budget.tflop is None:
        yield (
            f"memory and time: the sizes of {plan.model} are not known, and it may count tokens in another way than "
            f"Qwen2.5-VL; known are {', '.join(KNOWN)}, and any local folder with a config.json of theirs"
        )
        return
    yield (
        f"memory, estimated: {size(budget.weight_bytes)} of weights, {size(budget.kv_bytes or 0)} for all photos kept "
        "ready (KV cache); what a forward pass takes comes on top"
    )
    yield (
        f"time, estimated: {budget.tflop:,.3g} TFLOP, {seconds(budget.seconds or 0)} at {plan.tflops:g} TFLOP/s (set "
        "--tflops to what your device keeps up); decoding photos and writing reports come on top"
    )


def size(count: int) -> str:
    """Return bytes for people."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"


def seconds(duration: float) -> str:
    """Return a duration for people."""
    return f"{duration:,.1f} s" if duration >= 1 else f"{duration * 1000:,.0f} ms"
