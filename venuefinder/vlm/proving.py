"""Proves of a model, before it answers anybody, that a question may continue what was kept of a photo.

Not every architecture allows it: some let a photo look at the question, forget it through a sliding window, or count
positions in a way of their own. Nothing but the answers would tell.
"""

from venuefinder.errors import ConfigurationError, VenueFinderError
from venuefinder.vlm.chat import Chat, blank
from venuefinder.vlm.engine import Branches, Engine
from venuefinder.vlm.loading import reason_of

QUESTION = "Does this photo show a stage?"
EXACT, ROUNDED = 0.001, 0.1
"""Greatest differences of the next token's logits, as a share of their spread, in float32 and in half precision. Small
models with random weights of eight architectures differ by less than 1e-6 and 0.004; one whose photo looks at the
question by 0.13, positions that ignore the photo's rows by 0.98."""


def prove_prefixes(chat: Chat, engine: Engine) -> None:
    """Raise ConfigurationError where a question after a kept photo is answered otherwise than the whole prompt."""
    try:
        difference = _difference(chat, engine)
    except VenueFinderError:
        raise
    # What an architecture wants that others do not, or keeps otherwise than as keys and values: any error.
    except Exception as error:
        raise ConfigurationError(
            f"VENUEFINDER_VLM: the model cannot read a photo first and a question after it ({reason_of(error)}), "
            f"expected one that can; choose another model, or serve it and choose openai:<base url>#<model>"
        ) from error
    allowed = EXACT if engine.is_exact else ROUNDED
    if not difference <= allowed:  # not a number is no proof either
        raise ConfigurationError(
            f"VENUEFINDER_VLM: the model answers a question after a photo it kept otherwise than the whole prompt "
            f"(its logits differ by {difference:.1%} of their spread, expected at most {allowed:.1%}); choose another "
            f"model, or serve it and choose openai:<base url>#<model>"
        )


def _difference(chat: Chat, engine: Engine) -> float:
    """Return how far logits differ: |a - b| / |a|, each around its mean, which no probability depends on."""
    whole = engine.whole(chat.inputs(blank(), QUESTION))
    prefixes = engine.prefixes([chat.prefix(blank())])
    continued = Branches(engine, prefixes, [chat.suffix(QUESTION)]).logits
    apart = whole - continued
    return float((apart - apart.mean()).norm() / (whole - whole.mean()).norm())
