"""Models of Qwen2.5-VL's architecture with random weights: how fast they run does not depend on what they say.

The processor is that of the small checkpoint the tests build: its vocabulary is small, so that a question takes more
tokens than with the published one, and figures are a little worse than a published model's.
"""

from pathlib import Path
from typing import Any

from tests.tiny_qwen import build
from venuefinder.vlm.loading import LoadedModel, load
from venuefinder.vlm.model_shape import KNOWN, ModelShape
from venuefinder.vlm.registry import VisionOptions

SHAPES = {"3b": KNOWN["Qwen2.5-VL-3B-Instruct"], "7b": KNOWN["Qwen2.5-VL-7B-Instruct"]}
WHOLE_ATTENTION = [7, 15, 23, 31]
"""Layers of the vision tower that look at the whole photo; the others at windows of 112 pixels (the models' own)."""


def tiny(folder: Path, options: VisionOptions) -> LoadedModel:
    """Return a model of two layers, loaded from a checkpoint as any other."""
    return load(str(build(folder / "tiny")), options)


def full_size(name: str, folder: Path, options: VisionOptions) -> LoadedModel:
    """Return a model of a published shape, `3b` or `7b`, made on the device in the options' numbers."""
    import torch
    from transformers import Qwen2_5_VLForConditionalGeneration

    small = tiny(folder, options)
    config = config_of(SHAPES[name], small.model.config)
    config._attn_implementation = small.model.config._attn_implementation
    before = torch.get_default_dtype()
    torch.set_default_dtype(small.dtype)
    try:
        with torch.device(small.device):
            model = Qwen2_5_VLForConditionalGeneration(config)
    finally:
        torch.set_default_dtype(before)
    return LoadedModel(
        name=f"random weights, {name}",
        model=model.eval().requires_grad_(False),
        processor=small.processor,
        image_token=small.image_token,
        device=small.device,
        dtype=small.dtype,
        weights=f"random-{name}",
    )


def config_of(shape: ModelShape, small: Any) -> Any:
    """Return the configuration of a shape, with the token ids of the small model's processor."""
    from transformers import Qwen2_5_VLConfig

    text = {
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "max_position_embeddings": 128_000,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]},
        "bos_token_id": small.text_config.bos_token_id,
        "eos_token_id": small.text_config.eos_token_id,
        "pad_token_id": small.text_config.pad_token_id,
        "tie_word_embeddings": shape.tied,
    }
    vision = {
        "depth": shape.vision_layers,
        "hidden_size": shape.vision_hidden,
        "intermediate_size": shape.vision_intermediate,
        "num_heads": 16,
        "out_hidden_size": shape.hidden,
        "fullatt_block_indexes": WHOLE_ATTENTION,
    }
    tokens = ("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id")
    return Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision,
        tie_word_embeddings=shape.tied,
        **{token: getattr(small, token) for token in tokens},
    )
