"""The setting VENUEFINDER_VLM, looked at without loading or asking anything."""

from importlib.util import find_spec
from pathlib import Path

from venuefinder.doctor.check import Step, Verdict, failed, ok
from venuefinder.settings import Settings

NEEDED = {"torch": "torch", "torchvision": "torchvision", "transformers": "transformers", "xgrammar": "xgrammar"}
"""Modules that `transformers:` imports, and the packages that bring them."""
LATER = "whether it answers well: venuefinder doctor --models"
MEANINGS = {
    "off": "off: no descriptions, no answers about venues and no reranking; searches are complete without",
    "zero-shot": "zero-shot: descriptions from the embeddings alone, modest, and silent where no rule was fitted",
}


def steps(settings: Settings) -> list[Step]:
    """Return what to look at of the setting."""
    remedy = "see VENUEFINDER_VLM in .env.example"
    return [Step("vision model", lambda: _setting(settings), remedy)]


def _setting(settings: Settings) -> Verdict:
    if settings.vlm_min_tokens > settings.vlm_max_tokens:
        return failed(
            f"VENUEFINDER_VLM_MIN_TOKENS is {settings.vlm_min_tokens:,}, expected at most VENUEFINDER_VLM_MAX_TOKENS "
            f"({settings.vlm_max_tokens:,})",
            "lower the one or raise the other",
        )
    if settings.vlm in MEANINGS:
        return ok(MEANINGS[settings.vlm])
    backend, _, rest = settings.vlm.partition(":")
    if backend == "transformers" and rest:
        return _in_process(rest)
    if backend == "openai" and rest:
        return _served(settings, rest)
    from venuefinder.vlm.registry import EXPECTED

    return failed(f"VENUEFINDER_VLM is {settings.vlm!r}, {EXPECTED}", "correct VENUEFINDER_VLM")


def _in_process(name: str) -> Verdict:
    if missing := [package for module, package in NEEDED.items() if find_spec(module) is None]:
        return failed(f"transformers: needs {', '.join(missing)}", "run: pip install 'venuefinder[vlm]'")
    if name.startswith(("/", ".", "~")) and not (Path(name).expanduser() / "config.json").is_file():
        return failed(f"{name}: found no config.json, expected a folder with a model", "correct VENUEFINDER_VLM")
    return ok(f"transformers: {name.rstrip('/').rpartition('/')[2]} in this process; {LATER}")


def _served(settings: Settings, address: str) -> Verdict:
    from venuefinder.vlm.served_address import served_model

    served = served_model(address, has_key=settings.vlm_api_key is not None)
    key = "with a key" if settings.vlm_api_key else "without a key"
    return ok(f"openai: {served.shown} at {served.host}, {key}; {LATER}")
