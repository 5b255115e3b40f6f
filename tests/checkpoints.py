"""Writes small checkpoints of open_clip's real architectures, randomly initialised, for `open_clip:local-dir:`."""

import json
from pathlib import Path
from typing import Any

import open_clip
import torch
from open_clip.constants import INCEPTION_MEAN, INCEPTION_STD, OPENAI_DATASET_MEAN, OPENAI_DATASET_STD
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

WEIGHTS = "open_clip_model.safetensors"
CONFIG = "open_clip_config.json"
SIGLIP_VOCABULARY = 320

VISION = {"image_size": 32, "layers": 2, "width": 64, "head_width": 32, "patch_size": 8}
CLIP_MODEL: dict[str, Any] = {
    "embed_dim": 32,
    "vision_cfg": VISION,
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
}
SIGLIP_MODEL: dict[str, Any] = {
    "embed_dim": 48,
    "init_logit_bias": -10,
    "custom_text": True,
    "vision_cfg": VISION,
    "text_cfg": {
        "context_length": 64,
        "vocab_size": SIGLIP_VOCABULARY,
        "hf_tokenizer_name": "beside-the-weights",
        "tokenizer_kwargs": {"clean": "canonicalize"},
        "width": 48,
        "heads": 2,
        "layers": 2,
        "no_causal_mask": True,
        "proj_bias": True,
        "pool_type": "last",
        "norm_kwargs": {"eps": 1e-6},
    },
}
CLIP_PREPROCESSING = {
    "mean": OPENAI_DATASET_MEAN,
    "std": OPENAI_DATASET_STD,
    "interpolation": "bicubic",
    "resize_mode": "shortest",
}
SIGLIP_PREPROCESSING = {
    "mean": INCEPTION_MEAN,
    "std": INCEPTION_STD,
    "interpolation": "bicubic",
    "resize_mode": "squash",
}


def write_clip(folder: Path, *, seed: int = 0, preprocessing: dict[str, Any] | None = None) -> Path:
    """Write a CLIP of 1.8 million parameters: CLIP's own tokenizer, centre crop, 32 px, 32 dimensions."""
    return _write(folder, CLIP_MODEL, CLIP_PREPROCESSING | (preprocessing or {}), seed=seed)


def write_siglip(folder: Path, *, seed: int = 0, preprocessing: dict[str, Any] | None = None) -> Path:
    """Write a SigLIP of 0.2 million parameters: its own tokenizer, padded to 64, squashed, 32 px, 48 dimensions."""
    _write(folder, SIGLIP_MODEL, SIGLIP_PREPROCESSING | (preprocessing or {}), seed=seed)
    _write_tokenizer(folder)
    return folder


def read_config(folder: Path) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((folder / CONFIG).read_text())
    return config


def write_config(folder: Path, config: dict[str, Any]) -> None:
    (folder / CONFIG).write_text(json.dumps(config))


def _write(folder: Path, model: dict[str, Any], preprocessing: dict[str, Any], *, seed: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder, {"model_cfg": model, "preprocess_cfg": preprocessing})
    architecture = open_clip.CustomTextCLIP if model.get("custom_text") else open_clip.CLIP
    settings = {key: value for key, value in model.items() if key != "custom_text"}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = architecture(**settings)
        _spread_out(network)
    save_file(network.state_dict(), folder / WEIGHTS)
    return folder


def _spread_out(network: torch.nn.Module) -> None:
    """Enlarge the initial weights: fresh ones hardly look at their input."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if parameter.ndim > 1 and "embedding" not in name:
                parameter.mul_(3)


def _write_tokenizer(folder: Path) -> None:
    tokenizer = Tokenizer(models.BPE(unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=SIGLIP_VOCABULARY,
        special_tokens=["<pad>", "<eos>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(["a ballroom with chandeliers", "a rustic barn", "a garden at night"], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A <eos>", special_tokens=[("<eos>", 1)])
    tokenizer.save(str(folder / "tokenizer.json"))
    described = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>", "eos_token": "<eos>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(described))
