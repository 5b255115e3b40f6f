"""Loads a model with transformers, and proves that its weights came from the files."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from venuefinder.errors import ConfigurationError
from venuefinder.vlm.device import resolve_attention, resolve_device, resolve_dtype
from venuefinder.vlm.registry import VisionOptions

if TYPE_CHECKING:
    import torch

EXTRA = "run: pip install 'venuefinder[vlm]'"
HUB_TIMEOUT = 10.0
"""Seconds to wait for the hub's word on a model."""
CHUNK = 1 << 24
"""Bytes hashed at once."""
HASHED = ("*.safetensors", "*.json", "*.jinja", "*.txt")
"""Files of a local model that shape its answers: weights, configuration, tokenizer, chat template."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """A model, ready to run."""

    name: str
    """For people: of a local folder the last part of its path."""
    model: Any
    """transformers' model for images and text to text, in inference mode on `device`."""
    processor: Any
    """Its processor: tokenizer, image processor, chat template."""
    device: str
    dtype: "torch.dtype"
    image_token: int
    """Stands for a part of a photo among the tokens."""
    weights: str
    """SHA-256 of a local folder's files, or `<model id>@<commit>` of a published model."""


def load(name: str, options: VisionOptions) -> LoadedModel:
    """Load a model id of the hub or a local folder; ConfigurationError where it cannot be had whole.

    No code that comes with a model is run, and weights are read from safetensors alone.
    """
    device = resolve_device(options.device)
    dtype = resolve_dtype(options.dtype, device)
    arguments = {"dtype": dtype, "attn_implementation": resolve_attention(device, dtype)}
    if options.quantise == "4bit":
        arguments["quantization_config"] = _four_bits(device, dtype)
    with _quiet():
        model, processor = _from_anywhere(name, arguments)
    if options.quantise == "none":
        model = model.to(device)
    return LoadedModel(
        name=_shown(name),
        model=model.eval().requires_grad_(False),
        processor=processor,
        device=device,
        dtype=dtype,
        image_token=_image_token(name, model, processor),
        weights=_weights(name, model),
    )


def reason_of(error: Exception) -> str:
    """Return what an error of a foreign library says, in one line of at most 300 characters."""
    return " ".join(str(error).split())[:300] or type(error).__name__


def _from_anywhere(name: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
    """Load from this machine if everything is here, else from the hub."""
    folder = Path(name).expanduser()
    if _is_path(name) and not (folder / "config.json").is_file():
        raise _not_to_be_had(name, FileNotFoundError("there is no config.json in this folder"))
    try:
        return _from_pretrained(str(folder) if _is_path(name) else name, {"local_files_only": True}, arguments)
    except OSError as error:
        if _is_path(name):
            raise _not_to_be_had(name, error) from error
    return _from_pretrained(name, {"revision": _published(name)}, arguments)


def _published(name: str) -> str:
    """Return the newest commit of a model on the hub, asked once: transformers asks for minutes before it gives up."""
    try:
        from huggingface_hub import HfApi

        return str(HfApi().model_info(name, timeout=HUB_TIMEOUT).sha)
    # No network, no such model, a model for members, a name that cannot be one: all errors of different libraries.
    except Exception as error:
        raise _not_to_be_had(name, error) from error


def _from_pretrained(name: str, where: dict[str, Any], arguments: dict[str, Any]) -> tuple[Any, Any]:
    """Load model and processor; OSError where files are looked for on this machine alone, and are not there."""
    library = _transformers()
    trusted = {**where, "trust_remote_code": False}
    try:
        processor = library.AutoProcessor.from_pretrained(name, **trusted)
        model, said = library.AutoModelForImageTextToText.from_pretrained(
            name, **trusted, **arguments, use_safetensors=True, output_loading_info=True
        )
    # Damaged and foreign files raise anything from safetensors' own error to KeyError.
    except Exception as error:
        if "local_files_only" in where and isinstance(error, OSError):
            raise
        raise _not_to_be_had(name, error) from error
    _refuse_unloaded(name, said)
    return model, processor


def _refuse_unloaded(name: str, said: dict[str, Any]) -> None:
    """Refuse what transformers would fill with random numbers, and say so in a log nobody reads."""
    lost = sorted(map(str, [*said["missing_keys"], *said["mismatched_keys"]]))
    if lost:
        raise ConfigurationError(
            f"VENUEFINDER_VLM: the files of {_shown(name)} leave {len(lost)} weights without values, {lost[0]!r} "
            f"first, expected none; fetch the model again, complete"
        )


def _not_to_be_had(name: str, error: Exception) -> ConfigurationError:
    return ConfigurationError(
        f"VENUEFINDER_VLM: found 'transformers:{name}', expected a model of images and text that transformers can "
        f"load, by its id on the hub or the path of its folder ({reason_of(error)}); check the name, download it once "
        f"with a network, or serve it elsewhere and choose openai:<base url>#<model>"
    )


def _four_bits(device: str, dtype: "torch.dtype") -> Any:
    try:
        import accelerate  # type: ignore[import-not-found, unused-ignore]  # noqa: F401 - what 4bit needs beside it
        import bitsandbytes  # type: ignore[import-not-found, unused-ignore]  # noqa: F401 - no extra brings it
    except ImportError as error:
        raise ConfigurationError(
            f"VENUEFINDER_VLM_QUANTISE=4bit: found no package {error.name}; run: pip install bitsandbytes accelerate, "
            f"or set VENUEFINDER_VLM_QUANTISE=none"
        ) from error
    if device != "cuda":
        raise ConfigurationError(
            f"VENUEFINDER_VLM_QUANTISE=4bit: found device {device!r}, expected 'cuda'; set "
            f"VENUEFINDER_VLM_QUANTISE=none"
        )
    return _transformers().BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype
    )


def _image_token(name: str, model: Any, processor: Any) -> int:
    for holder, attribute in (
        (model.config, "image_token_id"),
        (model.config, "image_token_index"),
        (processor, "image_token_id"),
    ):
        if isinstance(token := getattr(holder, attribute, None), int):
            return token
    raise ConfigurationError(
        f"VENUEFINDER_VLM: {_shown(name)} names no token that stands for a photo, expected image_token_id in its "
        f"configuration; serve it elsewhere and choose openai:<base url>#<model>"
    )


def _weights(name: str, model: Any) -> str:
    folder = Path(name).expanduser()
    if not folder.is_dir():
        return f"{name}@{getattr(model.config, '_commit_hash', None)}"
    digest = hashlib.sha256()
    for path in sorted({path for pattern in HASHED for path in folder.glob(pattern)}):
        digest.update(f"{path.name} {path.stat().st_size}\n".encode())
        with path.open("rb") as file:
            while data := file.read(CHUNK):
                digest.update(data)
    return digest.hexdigest()


def _is_path(name: str) -> bool:
    return name.startswith(("/", ".", "~")) or Path(name).expanduser().is_dir()


def _shown(name: str) -> str:
    return Path(name).expanduser().name if _is_path(name) else name


def _transformers() -> Any:
    try:
        import transformers
    except ImportError as error:
        raise ConfigurationError(
            f"VENUEFINDER_VLM: found no package {error.name or 'transformers'}; {EXTRA}"
        ) from error
    return transformers


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers from drawing bars, and from warning of what is refused here anyway."""
    logging = _transformers().utils.logging
    bars, verbosity = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
