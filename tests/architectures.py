"""The architectures of which tests write small checkpoints with random weights; the guide to models lists the same."""

from importlib import import_module
from pathlib import Path

import pytest

EVERY_TIME = {
    "Qwen2.5-VL": "tests.tiny_qwen:build",
    "SmolVLM2": "tests.tiny_models:write_smolvlm2",
    "LLaVA-NeXT": "tests.tiny_models:write_llava_next",
}
ON_REQUEST = {
    "InternVL3": "tests.tiny_larger_models:write_internvl3",
    "Llama 4": "tests.tiny_larger_models:write_llama4",
    "DeepSeek-VL": "tests.tiny_larger_models:write_deepseek_vl",
    "Molmo 2": "tests.tiny_larger_models:write_molmo2",
    "Kimi K2.5": "tests.tiny_larger_models:write_kimi_k25",
}
"""Tried by `make test-models` alone."""
REFUSED = {
    "PaliGemma 2": ("tests.tiny_larger_models:write_paligemma2", "Gemma2Model does not support an attention"),
    "PaliGemma": ("tests.tiny_larger_models:write_paligemma", "does not have a chat template"),
    "PaliGemma with a template": (
        "tests.tiny_larger_models:write_paligemma_with_template",
        "after a photo it kept otherwise than the whole prompt",
    ),
}
"""What cannot be used in process, and words of the error that says so."""
ARCHITECTURES = (*EVERY_TIME, *(pytest.param(name, marks=pytest.mark.models) for name in ON_REQUEST))
"""For `parametrize` and fixtures."""


def checkpoint(name: str, folder: Path) -> Path:
    """Write a small checkpoint of an architecture into a new folder; return it."""
    writers = EVERY_TIME | ON_REQUEST | {refused: writer for refused, (writer, _) in REFUSED.items()}
    module, function = writers[name].split(":")
    written: Path = getattr(import_module(module), function)(folder / name)
    return written
