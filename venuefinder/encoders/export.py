"""Copies a model with everything it needs into a folder, for machines that reach no hub."""

import json
from pathlib import Path
from typing import Any

from venuefinder.encoders.checkpoints import CONFIG_FILE, WEIGHT_FILES, find_checkpoint
from venuefinder.encoders.proven import load_model, load_tokens


def export_checkpoint(spec: str, folder: Path | str) -> None:
    """Write what `open_clip:<model>/<pretrained>` names so that `open_clip:local-dir:<folder>` is the same space.

    The weights are written in float32. Raises ConfigurationError and EncoderUnavailableError as loading does.
    """
    import open_clip
    from safetensors.torch import save_file

    checkpoint = find_checkpoint(spec)
    model: Any = load_model(checkpoint)
    tokens = load_tokens(checkpoint, model)
    target = Path(folder).expanduser()
    target.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, target / WEIGHT_FILES[0])
    tokens.save(target)
    config = open_clip.get_model_config(checkpoint.model)
    config["quick_gelu"] = bool(config.get("quick_gelu")) or checkpoint.quick_gelu
    described = {"model_cfg": config, "preprocess_cfg": model.visual.preprocess_cfg}
    # Last: a folder without it is refused, so an interrupted copy is never used.
    (target / CONFIG_FILE).write_text(json.dumps(described, indent=2), encoding="utf-8")
