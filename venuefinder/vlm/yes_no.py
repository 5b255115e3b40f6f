"""How likely a model is to answer yes: from the logits of the first token of its answer."""

from typing import TYPE_CHECKING, Any

from venuefinder.errors import ConfigurationError

if TYPE_CHECKING:
    import torch

YES = ("yes", "Yes")
NO = ("no", "No")


class YesNoTokens:
    """The tokens of yes and no in one vocabulary."""

    def __init__(self, tokenizer: Any) -> None:
        self._yes = _single(tokenizer, YES)
        self._no = _single(tokenizer, NO)

    def probabilities(self, logits: "torch.Tensor") -> list[float]:
        """Return P(yes) in [0, 1] for `float32 [B, V]` logits: softmax over the spellings of yes and no alone.

        In float64, so that what is nearly certain keeps its log-odds.
        """
        chances = logits[:, self._yes + self._no].double().softmax(dim=-1)
        yes: list[float] = chances[:, : len(self._yes)].sum(dim=-1).clamp(0, 1).tolist()
        return yes


def _single(tokenizer: Any, words: tuple[str, ...]) -> list[int]:
    encoded = [tokenizer.encode(word, add_special_tokens=False) for word in words]
    single = sorted({tokens[0] for tokens in encoded if len(tokens) == 1})
    if not single:
        raise ConfigurationError(
            f"VENUEFINDER_VLM: the model's vocabulary has no single token for {' or '.join(map(repr, words))}, "
            f"expected one; choose another model, or serve it and choose openai:<base url>#<model>"
        )
    return single
