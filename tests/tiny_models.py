"""Writes small checkpoints of other architectures than Qwen's, randomly initialised, that go through the same code."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import (
    LlavaNextConfig,
    LlavaNextForConditionalGeneration,
    LlavaNextImageProcessor,
    LlavaNextProcessor,
    Qwen2Tokenizer,
    SmolVLMConfig,
    SmolVLMForConditionalGeneration,
    SmolVLMImageProcessor,
    SmolVLMProcessor,
    SmolVLMVideoProcessor,
)

from tests.tiny_qwen import spread_out, tokenizer_of_venues

SIDE = 56
"""Pixels of a tile; a photo is several."""
VISION = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": SIDE,
    "patch_size": 14,
}
CHAT_TEMPLATE = """\
{%- for message in messages -%}
<|im_start|>{{ message.role }}
{% for part in message.content -%}
{%- if part.type == 'image' -%}<image>{%- else -%}{{ part.text }}{%- endif -%}
{%- endfor -%}
<|im_end|>
{% endfor -%}
{%- if add_generation_prompt -%}
<|im_start|>assistant
{% endif -%}
"""


def write_llava_next(folder: Path, *, seed: int = 0) -> Path:
    """Write a LLaVA-NeXT (LLaVA 1.6): CLIP's tower, a photo and its tiles, Llama's layers; return `folder`."""
    tokenizer = tokenizer_with("<image>")
    tiles = [[SIDE, 2 * SIDE], [2 * SIDE, SIDE], [2 * SIDE, 2 * SIDE]]
    config = LlavaNextConfig(
        vision_config={"model_type": "clip_vision_model", "projection_dim": 32, **VISION},
        text_config=llama(len(tokenizer)),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        image_grid_pinpoints=tiles,
        image_seq_length=(SIDE // 14) ** 2,
    )
    images = LlavaNextImageProcessor(
        size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}, image_grid_pinpoints=tiles
    )
    processor = LlavaNextProcessor(
        image_processor=images,
        tokenizer=tokenizer,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=CHAT_TEMPLATE,
    )
    return write(folder, LlavaNextForConditionalGeneration, config, processor, seed=seed)


def write_smolvlm2(folder: Path, *, seed: int = 0) -> Path:
    """Write a SmolVLM2: SigLIP's tower, rows of tiles and the whole photo after them; return `folder`."""
    marks = {
        "image_token": "<image>",
        "fake_image_token": "<fake_token_around_image>",
        "global_image_token": "<global-img>",
        "end_of_utterance_token": "<|im_end|>",
    }
    tokenizer = tokenizer_with(marks=marks)
    padding = tokenizer.pad_token_id
    config = SmolVLMConfig(
        vision_config=VISION,
        text_config=llama(len(tokenizer)) | {"pad_token_id": padding},
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=padding,
    )
    images = SmolVLMImageProcessor(size={"longest_edge": 2 * SIDE}, max_image_size={"longest_edge": SIDE})
    processor = SmolVLMProcessor(
        image_processor=images,
        tokenizer=tokenizer,
        video_processor=SmolVLMVideoProcessor(),
        image_seq_len=(SIDE // 14 // 2) ** 2,
        chat_template=CHAT_TEMPLATE,
    )
    return write(folder, SmolVLMForConditionalGeneration, config, processor, seed=seed)


def tokenizer_with(*tokens: str, marks: Mapping[str, str] | None = None) -> Qwen2Tokenizer:
    """Return the tokenizer of venues with further special tokens, those of `marks` known to it by name."""
    tokenizer = tokenizer_of_venues(marks)
    tokenizer.add_tokens([*tokens, *(marks or {}).values()], special_tokens=True)
    return tokenizer


def llama(vocabulary: int) -> dict[str, Any]:
    """Return the configuration of two layers of Llama's."""
    return {
        "model_type": "llama",
        "vocab_size": vocabulary,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 8192,
    }


def write(folder: Path, architecture: Any, config: Any, processor: Any, *, seed: int) -> Path:
    """Write a model of `architecture` with random weights, and its processor; return `folder`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = architecture(config)
        spread_out(model)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
