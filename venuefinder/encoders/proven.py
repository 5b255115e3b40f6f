"""Loads an open_clip model and proves that its weights came from the file.

open_clip answers missing weights with a random model and a warning. So every number of the model is first set to NaN,
then the checkpoint is loaded strictly: a NaN that is left was not in the file.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from venuefinder.encoders.checkpoints import LOCAL_DIR, Checkpoint, first_line
from venuefinder.encoders.preprocessing import Preprocessing
from venuefinder.encoders.tokens import Tokens
from venuefinder.errors import EncoderUnavailableError

if TYPE_CHECKING:
    import torch

IRRELEVANT_KEYS = {
    "custom_text",
    "hf_model_pretrained",
    "hf_tokenizer_name",
    "init_logit_bias",
    "init_logit_scale",
    "timm_drop",
    "timm_drop_path",
    "timm_model_pretrained",
    "tokenizer_kwargs",
}
"""Configuration that shapes no embedding once the weights are loaded; the tokenizer is told apart by what it does."""
CLIP_VOCABULARY = 49_408


def load_model(checkpoint: Checkpoint) -> "torch.nn.Module":
    """Return the model in float32 on the CPU, every weight from `checkpoint.weights`, or EncoderUnavailableError."""
    import open_clip

    with _quiet_open_clip():
        model = _built(checkpoint)
        _forget_weights(model)
        try:
            open_clip.load_checkpoint(model, str(checkpoint.weights), strict=True, weights_only=True)
        # Damaged files raise anything from safetensors' own error to EOFError and StopIteration.
        except Exception as error:
            size = checkpoint.weights.stat().st_size if checkpoint.weights.is_file() else 0
            raise EncoderUnavailableError(
                f"encoder: {checkpoint.weights} ({size} bytes) does not hold the weights of {checkpoint.model} "
                f"({_reason(error)}); fetch the file again, complete and of this very model"
            ) from error
    _refuse_unloaded(model, checkpoint)
    return model.eval().requires_grad_(False)


def _built(checkpoint: Checkpoint) -> "torch.nn.Module":
    import open_clip

    try:
        model: torch.nn.Module = open_clip.create_model(
            checkpoint.model,
            load_weights=False,
            pretrained_text=False,
            force_quick_gelu=checkpoint.quick_gelu,
            force_preprocess_cfg=checkpoint.preprocessing,
        )
    # A configuration can be wrong in as many ways as there are architectures.
    except Exception as error:
        raise EncoderUnavailableError(
            f"encoder: open_clip cannot build the model of {checkpoint.model} ({_reason(error)}); "
            f"check its configuration and the version of open_clip_torch"
        ) from error
    return model


def _forget_weights(model: "torch.nn.Module") -> None:
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            tensor.fill_(float("nan"))


def _refuse_unloaded(model: "torch.nn.Module", checkpoint: Checkpoint) -> None:
    lost = [name for name, tensor in model.state_dict().items() if bool(tensor.isnan().any())]
    if lost:
        raise EncoderUnavailableError(
            f"encoder: {checkpoint.weights} leaves {len(lost)} tensors without values, {lost[0]!r} first, expected "
            f"none; fetch the file again, complete and of this very model"
        )


def load_tokens(checkpoint: Checkpoint, model: "torch.nn.Module") -> Tokens:
    """Return the model's tokenizer, or EncoderUnavailableError where there is none or it is another model's."""
    import open_clip

    text = open_clip.get_model_config(checkpoint.model)["text_cfg"]
    own = not text.get("hf_tokenizer_name")
    try:
        with _quiet_open_clip():
            tokens = Tokens(open_clip.get_tokenizer(checkpoint.model) if own else _hub_tokenizer(checkpoint.model))
        probe = tokens.ids(["a", "Grand Hall"])
    # A tokenizer that is not in the folder, or not in the hub's cache, shows as anything but one error type.
    except Exception as error:
        raise EncoderUnavailableError(
            f"encoder: the tokenizer of {checkpoint.model} cannot be loaded ({_reason(error)}); put tokenizer.json and "
            f"tokenizer_config.json beside the weights, or download the model once with a network"
        ) from error
    _refuse_foreign_tokenizer(tokens, probe, model, checkpoint, own=own)
    return tokens


def _hub_tokenizer(model: str) -> Any:
    import open_clip

    # A tokenizer's folder can name Python code to run; never do.
    options = {"trust_remote_code": False}
    try:
        return open_clip.get_tokenizer(model, local_files_only=True, **options)
    except OSError:
        if model.startswith(LOCAL_DIR):
            raise
        return open_clip.get_tokenizer(model, **options)


def _refuse_foreign_tokenizer(
    tokens: Tokens, probe: "torch.Tensor", model: Any, checkpoint: Checkpoint, *, own: bool
) -> None:
    vocabulary, context = int(model.vocab_size), int(model.context_length)
    if own and checkpoint.model.startswith(LOCAL_DIR) and vocabulary != CLIP_VOCABULARY:
        raise EncoderUnavailableError(
            f"encoder: {checkpoint.model} has a vocabulary of {vocabulary} tokens but would get CLIP's tokenizer of "
            f"{CLIP_VOCABULARY}; put tokenizer.json and tokenizer_config.json in the folder and any "
            f"text_cfg.hf_tokenizer_name in its configuration"
        )
    if int(probe.max()) >= vocabulary or tokens.context_length > context:
        raise EncoderUnavailableError(
            f"encoder: the tokenizer of {checkpoint.model} gives {tokens.context_length} tokens with ids up to "
            f"{int(probe.max())}, the model expects at most {context} with ids below {vocabulary}; "
            f"use its own tokenizer"
        )


def fingerprint(checkpoint: Checkpoint, model: "torch.nn.Module", preprocessing: Preprocessing, tokens: Tokens) -> str:
    """Return SHA-256 over the weights and what the facts leave out of how they are run, 64 hexadecimal digits.

    Over the loaded float32 weights, so that the file's format and the dtype of the day do not matter; and over the
    architecture's switches (QuickGELU and GELU share their weights), channel means and token ids.
    """
    import open_clip

    config = open_clip.get_model_config(checkpoint.model)
    config["quick_gelu"] = bool(config.get("quick_gelu")) or checkpoint.quick_gelu
    digest = hashlib.sha256(json.dumps(_relevant(config), sort_keys=True).encode())
    digest.update(repr((preprocessing.mean, preprocessing.std, preprocessing.fill, tokens.fingerprint())).encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)}".encode())
        digest.update(np.ascontiguousarray(tensor.cpu().numpy()).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _relevant(config: dict[str, Any]) -> dict[str, Any]:
    relevant = {key: value for key, value in config.items() if key not in IRRELEVANT_KEYS}
    return {key: _relevant(value) if isinstance(value, dict) else value for key, value in relevant.items()}


def _reason(error: BaseException) -> str:
    # PyTorch puts the state dict's actual complaint on the second line.
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2])[:300] if lines else first_line(error)


@contextmanager
def _quiet_open_clip() -> Iterator[None]:
    """Keep open_clip from logging on the root logger, and from configuring it.

    Nothing is lost: it speaks of random weights, which are proven absent here, and repeats what it then raises.
    """
    root = logging.getLogger()
    handler = logging.NullHandler()  # with a handler there, logging.warning() leaves the root logger alone
    root.addHandler(handler)
    root.addFilter(_not_from_open_clip)
    try:
        yield
    finally:
        root.removeFilter(_not_from_open_clip)
        root.removeHandler(handler)


def _not_from_open_clip(record: logging.LogRecord) -> bool:
    return PurePath(record.pathname).parent.name != "open_clip"
