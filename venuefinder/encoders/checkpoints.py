"""Where an open_clip spec keeps its weights: a published pair, or a folder."""

import difflib
import json
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from venuefinder.errors import ConfigurationError, EncoderUnavailableError

PREFIX = "open_clip:"
LOCAL_DIR = "local-dir:"
CONFIG_FILE = "open_clip_config.json"
WEIGHT_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin")
"""The names open_clip publishes weights under, in the order it prefers them."""
MODEL_KEYS: dict[str, type] = {"embed_dim": int, "vision_cfg": dict, "text_cfg": dict}
PREPROCESSING_KEYS = ("mean", "std", "interpolation", "resize_mode")
TOKENIZER_OPTIONS = {"clean", "strip_sep_token", "language"}
"""What a folder may ask of its tokenizer; others may run its code or draw tokens at random."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model open_clip can build and the file that holds its weights."""

    model: str
    """What open_clip calls it: `ViT-B-32`, or `local-dir:` and a folder."""
    weights: Path
    preprocessing: dict[str, Any] = field(default_factory=dict)
    """What these weights want otherwise than the model's configuration says."""
    quick_gelu: bool = False
    """Whether these weights were trained with QuickGELU, which the model's configuration may not say."""


def find_checkpoint(spec: str) -> Checkpoint:
    """Find, or download, what `open_clip:<model>/<pretrained>` or `open_clip:local-dir:<path>` names."""
    source = spec.removeprefix(PREFIX)
    if source.startswith(LOCAL_DIR):
        return _in_folder(source.removeprefix(LOCAL_DIR))
    model, _, pretrained = source.partition("/")
    return _published(model, pretrained)


def lasting_spec(spec: str) -> str:
    """Return a spec that names the same weights from any working directory: it is kept with their space."""
    head, local, path = spec.partition(LOCAL_DIR)
    return f"{head}{local}{Path(path).expanduser().absolute()}" if local else spec


def _published(model: str, pretrained: str) -> Checkpoint:
    import open_clip

    config = open_clip.get_pretrained_cfg(model, pretrained)
    if not config:
        raise ConfigurationError(_unknown(model, pretrained))
    weights = _cached(config) or _downloaded(f"{model}/{pretrained}", config)
    preprocessing = {key: config[key] for key in PREPROCESSING_KEYS if key in config}
    return Checkpoint(model, weights, preprocessing, quick_gelu=bool(config.get("quick_gelu")))


def _unknown(model: str, pretrained: str) -> str:
    import open_clip

    pairs = [f"{name}/{tag}" for name, tag in open_clip.list_pretrained()]
    near = [pair for pair in pairs if pair.startswith(f"{model}/")]
    near += difflib.get_close_matches(f"{model}/{pretrained}", pairs, n=5, cutoff=0.4)
    listed = ", ".join(list(dict.fromkeys(near))[:8]) or "ViT-B-32/laion2b_s34b_b79k, ViT-B-16-SigLIP2/webli"
    return (
        f"encoder: open_clip has no weights {pretrained!r} for the model {model!r}; near it: {listed}. Expected "
        f"open_clip:<model>/<pretrained>, one of open_clip.list_pretrained(), or open_clip:local-dir:<path>"
    )


def _cached(config: dict[str, Any]) -> Path | None:
    """Return the weights an earlier download left: they need no network and do not change under an index."""
    from huggingface_hub import try_to_load_from_cache

    repository, _, name = config.get("hf_hub", "").rpartition("/")
    names = (str(PurePosixPath(name).with_suffix(".safetensors")), name) if name else WEIGHT_FILES
    found = (try_to_load_from_cache(repository, each) for each in names if repository)
    return next((Path(path) for path in found if isinstance(path, str)), None)


def _downloaded(pair: str, config: dict[str, Any]) -> Path:
    import open_clip

    try:
        return Path(open_clip.download_pretrained(config))
    # Whatever the hub's client, its cache or the network raises, the weights are not here.
    except Exception as error:
        raise EncoderUnavailableError(
            f"encoder: the weights of {pair} could not be downloaded ({first_line(error)}); without a network, copy "
            f"a folder with {CONFIG_FILE} and {WEIGHT_FILES[0]} here and set "
            f"VENUEFINDER_ENCODER=open_clip:local-dir:<path>; HF_HUB_OFFLINE=1 spares the waiting"
        ) from error


def _in_folder(path: str) -> Checkpoint:
    folder = Path(path).expanduser()
    if not path or not folder.is_dir():
        raise EncoderUnavailableError(f"encoder: the folder {path!r} does not exist, expected one with {CONFIG_FILE}")
    _check_config(folder / CONFIG_FILE)
    found = [folder / name for name in WEIGHT_FILES if (folder / name).is_file()]
    if not found:
        raise EncoderUnavailableError(
            f"encoder: {folder} has no weights, expected {', '.join(WEIGHT_FILES[:-1])} or {WEIGHT_FILES[-1]}; "
            f"copy the file there"
        )
    return Checkpoint(f"{LOCAL_DIR}{folder}", found[0])


def _check_config(path: Path) -> None:
    model = _read_config(path).get("model_cfg")
    if not isinstance(model, dict) or any(not isinstance(model.get(key), kind) for key, kind in MODEL_KEYS.items()):
        raise EncoderUnavailableError(
            f"encoder: {path} lacks a model_cfg with {', '.join(MODEL_KEYS)}; copy the model's own file there"
        )
    text = model["text_cfg"]
    options = set(text.get("tokenizer_kwargs") or {}) - TOKENIZER_OPTIONS
    if options:
        raise ConfigurationError(
            f"encoder: {path} sets tokenizer_kwargs {', '.join(sorted(options))}, expected at most "
            f"{', '.join(sorted(TOKENIZER_OPTIONS))}; remove them"
        )


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderUnavailableError(
            f"encoder: {path} cannot be read ({first_line(error)}), expected the open_clip configuration of the model"
        ) from error
    if not isinstance(config, dict):
        raise EncoderUnavailableError(f"encoder: {path} holds {type(config).__name__}, expected a JSON object")
    return config


def first_line(error: BaseException) -> str:
    """Return what an error says, short enough to stand inside another message."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:300]
