"""A tiny model that answers yes or no, for tests: random weights answer noise, and yes is seldom among their likeliest.

Its rows for yes and no point along the direction in which the model ends up when asked, each a little off.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from venuefinder.vlm.prompts import SYSTEM, answered_by_yes_or_no

WORDS = ("yes", "Yes", "no", "No")
NOISE = 0.1


def with_opinions(checkpoint: Path, folder: Path, questions: Sequence[str]) -> Path:
    """Write a copy of a Qwen2.5-VL checkpoint whose likeliest first tokens are yes and no; return `folder`."""
    processor = AutoProcessor.from_pretrained(checkpoint, local_files_only=True)
    model = AutoModelForImageTextToText.from_pretrained(checkpoint, local_files_only=True, dtype=torch.float32).eval()
    head = model.get_output_embeddings().weight
    with torch.no_grad():
        ends = torch.stack([_end(model, processor, question) for question in questions])
        direction = ends.mean(dim=0) / ends.mean(dim=0).norm()
        # Four times as likely, in logits, as anything that the model would say by itself.
        length = 4 * float((ends @ head.T).amax()) / float(ends.norm(dim=-1).mean())
        off = torch.randn(len(WORDS), len(direction), generator=torch.Generator().manual_seed(1))
        for word, noise in zip(WORDS, off, strict=True):
            head[processor.tokenizer.convert_tokens_to_ids(word)] = direction * length + noise * NOISE
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _end(model: torch.nn.Module, processor: object, question: str) -> torch.Tensor:
    """Return the hidden state `[H]` from which the first token of the answer is chosen."""
    content = [{"type": "image"}, {"type": "text", "text": answered_by_yes_or_no(question)}]
    chat = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": content}]
    text = processor.apply_chat_template(chat, add_generation_prompt=True)
    inputs = processor(text=[text], images=[Image.new("RGB", (112, 112), "red")], return_tensors="pt")
    return model.model(**inputs).last_hidden_state[0, -1]
