"""From the setting VENUEFINDER_VLM to the model behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from venuefinder.domain import Device, Dtype
from venuefinder.errors import ConfigurationError
from venuefinder.protocols import TextEncoder
from venuefinder.vision.model import VisionLanguageModel

EXPECTED = "expected off, zero-shot, transformers:<model or path> or openai:<base url>#<model>"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionOptions:
    """What the settings say of the model, apart from its name. Tokens are visual ones, of 28 x 28 pixels."""

    min_tokens: int = 64
    max_tokens: int = 256
    device: Device = "auto"
    dtype: Dtype = "auto"
    quantise: str = "none"
    prefix_cache_bytes: int = 1_024_000_000
    api_key: SecretStr | None = None
    timeout: float = 60.0
    """Seconds that a request to a server may take."""
    concurrency: int = 8
    seen: float = 0.8
    """Probability from which on something is said to be seen."""
    prior: bool = False
    """Whether what a model says of a blank photo is subtracted from its answers."""
    data_dir: Path | None = None


def load_model(name: str, options: VisionOptions, encoder: Callable[[], TextEncoder]) -> VisionLanguageModel | None:
    """Return the model that the setting names, None for `off`; raises ConfigurationError for what names none.

    `encoder` is asked for only where the model needs one.
    """
    backend, _, rest = name.partition(":")
    if options.min_tokens > options.max_tokens:
        raise ConfigurationError(
            f"VENUEFINDER_VLM_MIN_TOKENS: found {options.min_tokens}, expected at most VENUEFINDER_VLM_MAX_TOKENS "
            f"({options.max_tokens}); lower the one or raise the other"
        )
    if name == "off":
        return None
    if name == "zero-shot":
        from venuefinder.vlm.zero_shot import ZeroShot

        return ZeroShot(encoder(), options)
    if backend == "transformers" and rest:
        from venuefinder.vlm.transformers_backend import TransformersModel

        return _prior_handled(TransformersModel.load(rest, options), options)
    if backend == "openai" and rest:
        from venuefinder.vlm.openai_backend import OpenAIModel

        return _prior_handled(OpenAIModel.of(rest, options), options)
    raise ConfigurationError(f"VENUEFINDER_VLM: found {name!r}, {EXPECTED}")


def _prior_handled(model: VisionLanguageModel, options: VisionOptions) -> VisionLanguageModel:
    if not options.prior:
        return model
    from venuefinder.vlm.language_prior import WithoutPrior

    return WithoutPrior(model)
