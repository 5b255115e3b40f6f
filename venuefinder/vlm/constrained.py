"""Reports as JSON that cannot be anything else: at each step only tokens that the schema allows may follow (xgrammar).

No free whitespace, since a model can go on with legal blanks for ever, and everything bounded in length, so that the
longest legal report fits MAX_NEW_TOKENS.
"""

import json
from typing import TYPE_CHECKING, Any, Literal

from venuefinder.errors import ConfigurationError
from venuefinder.vlm.loading import EXTRA
from venuefinder.vlm.report_schema import report_schema

if TYPE_CHECKING:
    import torch

    from venuefinder.vlm.engine import Branches

MAX_NEW_TOKENS = 1536
"""A token is at least one byte, and the longest legal report is shorter than this: a test spells it out."""


class ReportGrammar:
    """The schema of reports, compiled for one vocabulary."""

    def __init__(self, tokenizer: Any, vocabulary: int) -> None:
        try:
            import xgrammar
        except ImportError as error:
            raise ConfigurationError(f"VENUEFINDER_VLM: found no package {error.name}; {EXTRA}") from error
        known = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=vocabulary)
        compiler = xgrammar.GrammarCompiler(known, max_threads=2)
        self._grammar = compiler.compile_json_schema(json.dumps(report_schema()), any_whitespace=False)
        self._tokenizer = tokenizer
        self._vocabulary = vocabulary

    def write(self, branches: "Branches") -> list[str | None]:
        """Let each branch write its likeliest report: JSON, or None where it was cut short."""
        import xgrammar

        rows = len(branches.logits)
        matchers = [xgrammar.GrammarMatcher(self._grammar, terminate_without_stop_token=True) for _ in range(rows)]
        written: list[list[int]] = [[] for _ in matchers]
        for step in range(MAX_NEW_TOKENS):
            chosen = self._allowed(branches.logits, matchers).argmax(dim=-1)
            for tokens, matcher, token in zip(written, matchers, chosen.tolist(), strict=True):
                if not matcher.is_terminated():
                    matcher.accept_token(token)
                    tokens.append(token)
            if all(matcher.is_terminated() for matcher in matchers) or step == MAX_NEW_TOKENS - 1:
                break
            branches.advance(chosen)
        return [
            self._tokenizer.decode(tokens, clean_up_tokenization_spaces=False) if matcher.is_terminated() else None
            for tokens, matcher in zip(written, matchers, strict=True)
        ]

    def accepts(self, text: str) -> bool:
        """Say whether a text is a whole report by this grammar."""
        import xgrammar

        matcher = xgrammar.GrammarMatcher(self._grammar, terminate_without_stop_token=True)
        return bool(matcher.accept_string(text) and matcher.is_terminated())

    def _allowed(self, logits: "torch.Tensor", matchers: list[Any]) -> "torch.Tensor":
        """Return the logits with minus infinity for what must not follow; of finished rows as they are."""
        import xgrammar

        allowed = xgrammar.allocate_token_bitmask(len(matchers), self._vocabulary)
        going = [row for row, matcher in enumerate(matchers) if not matcher.is_terminated()]
        for row in going:
            matchers[row].fill_next_token_bitmask(allowed, row)
        backend: Literal["cpu", "torch_native"] = "cpu" if logits.device.type == "cpu" else "torch_native"
        masked = logits.clone()
        xgrammar.apply_token_bitmask_inplace(masked, allowed.to(logits.device), indices=going, backend=backend)
        return masked
