"""Writes a small checkpoint of the real Qwen2.5-VL architecture, randomly initialised: every step a large one takes.

Two text layers and two vision layers of 64 numbers, the model's own image processor and special tokens, a byte-level
BPE trained here, and a chat template of the same form. What it answers is noise, but always the same noise.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2Tokenizer,
    Qwen2VLImageProcessor,
    Qwen2VLVideoProcessor,
)

from venuefinder.describing import attributes
from venuefinder.vision.photo_reading import PhotoReport
from venuefinder.vlm import prompts

VOCABULARY = 1024
SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
]
CHAT_TEMPLATE = """\
{%- for message in messages -%}
<|im_start|>{{ message.role }}
{% if message.content is string -%}
{{ message.content }}
{%- else -%}
{%- for part in message.content -%}
{%- if part.type == 'image' -%}
<|vision_start|><|image_pad|><|vision_end|>
{%- elif part.type == 'text' -%}
{{ part.text }}
{%- endif -%}
{%- endfor -%}
{%- endif -%}
<|im_end|>
{% endfor -%}
{%- if add_generation_prompt -%}
<|im_start|>assistant
{% endif -%}
"""


def build(folder: Path, *, seed: int = 0) -> Path:
    """Write a checkpoint of about 0.2 million parameters that `AutoModelForImageTextToText` loads; return `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_of_venues()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Qwen2_5_VLForConditionalGeneration(_config(tokenizer))
        spread_out(model)
    model.save_pretrained(folder)
    Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(),
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(),
        chat_template=CHAT_TEMPLATE,
    ).save_pretrained(folder)
    return folder


def _config(tokenizer: Qwen2Tokenizer) -> Qwen2_5_VLConfig:
    token = tokenizer.convert_tokens_to_ids
    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 8192,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [2, 3, 3]},
        "bos_token_id": token("<|endoftext|>"),
        "eos_token_id": token("<|im_end|>"),
        "pad_token_id": token("<|endoftext|>"),
    }
    vision = {
        "depth": 2,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_heads": 4,
        "out_hidden_size": 64,
        "fullatt_block_indexes": [1],
    }
    return Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=token("<|image_pad|>"),
        video_token_id=token("<|video_pad|>"),
        vision_start_token_id=token("<|vision_start|>"),
        vision_end_token_id=token("<|vision_end|>"),
        tie_word_embeddings=True,
    )


def spread_out(model: torch.nn.Module) -> None:
    """Enlarge the initial weights: fresh ones hardly look at their input."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.mul_(8)


def tokenizer_of_venues(marks: Mapping[str, str] | None = None) -> Qwen2Tokenizer:
    """Train a byte-level BPE on what venues are asked and told, yes and no in both spellings being single tokens.

    `marks` are tokens that a processor asks for by name, such as `image_token`.
    """
    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    words.train_from_iterator(_corpus(), trainer)
    trained = json.loads(words.to_str())["model"]
    tokenizer = Qwen2Tokenizer(
        vocab=trained["vocab"],
        merges=[tuple(merge) for merge in trained["merges"]],
        extra_special_tokens=SPECIAL,
        model_specific_special_tokens=dict(marks or {}),
        eos_token="<|im_end|>",  # noqa: S106 - a token of a vocabulary, not a password
        pad_token="<|endoftext|>",  # noqa: S106 - the same
    )
    for word in ("yes", "no", "Yes", "No"):
        assert len(tokenizer.encode(word)) == 1, word
    return tokenizer


def _corpus() -> Iterator[str]:
    vocabularies = [words for words in vars(attributes).values() if get_args(words)]
    for _ in range(20):
        yield from ("yes", "no", "Yes", "No", prompts.SYSTEM, prompts.REPORT, prompts.ANSWER)
        yield from ('{"', '": ["', '", "', '"], "', '": [], "', '"]}', *PhotoReport.model_fields)
        for words in vocabularies:
            yield from (prompts.shows(f"a {word}") for word in get_args(words))
