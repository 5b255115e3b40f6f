"""No encoder without its weights: open_clip serves random ones with a mere warning."""

import json
import logging
import shutil

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from tests.checkpoints import (
    CLIP_MODEL,
    CLIP_PREPROCESSING,
    CONFIG,
    WEIGHTS,
    read_config,
    write_clip,
    write_config,
    write_siglip,
)
from venuefinder.encoders.export import export_checkpoint
from venuefinder.encoders.registry import load_encoder
from venuefinder.errors import ConfigurationError, EncoderUnavailableError, EncodingError


def load(folder, **options):
    return load_encoder(f"open_clip:local-dir:{folder}", device="cpu", **options)


def change_weights(folder, change):
    state = load_file(folder / WEIGHTS)
    change(state)
    save_file(state, folder / WEIGHTS)


@pytest.fixture
def clip(tmp_path):
    return write_clip(tmp_path / "clip")


@pytest.fixture
def siglip(tmp_path):
    return write_siglip(tmp_path / "siglip")


@pytest.mark.parametrize("write", [write_clip, write_siglip])
def test_missing_weights(tmp_path, write):
    folder = write(tmp_path)
    (folder / WEIGHTS).unlink()

    with pytest.raises(EncoderUnavailableError, match=rf"has no weights, expected {WEIGHTS}.*copy the file"):
        load(folder)


@pytest.mark.parametrize("keep", [0, 7, 1000, -1])
def test_truncated_weights(clip, keep):
    whole = (clip / WEIGHTS).read_bytes()
    (clip / WEIGHTS).write_bytes(whole[:keep])

    with pytest.raises(
        EncoderUnavailableError, match=rf"{WEIGHTS} \({len(whole[:keep])} bytes\).*fetch the file again"
    ):
        load(clip)


def test_weights_of_another_shape(clip):
    config = read_config(clip)
    config["model_cfg"]["embed_dim"] = 16
    write_config(clip, config)

    with pytest.raises(EncoderUnavailableError, match="size mismatch"):
        load(clip)


def test_weights_of_another_architecture(clip, siglip):
    shutil.copy(siglip / WEIGHTS, clip / WEIGHTS)

    with pytest.raises(EncoderUnavailableError, match="does not hold the weights"):
        load(clip)


def test_a_missing_tensor(siglip):
    change_weights(siglip, lambda state: state.pop("visual.proj"))

    with pytest.raises(EncoderUnavailableError, match=r"Missing key.*visual\.proj"):
        load(siglip)


def test_an_unexpected_tensor(siglip):
    change_weights(siglip, lambda state: state.update(extra=torch.zeros(1)))

    with pytest.raises(EncoderUnavailableError, match=r"Unexpected key.*extra"):
        load(siglip)


def test_a_tensor_without_values(siglip):
    change_weights(siglip, lambda state: state["visual.proj"].fill_(float("nan")))

    with pytest.raises(EncoderUnavailableError, match=r"leaves 1 tensors without values, 'visual\.proj'"):
        load(siglip)


def test_a_loader_that_skips_a_tensor_is_found_out(clip, monkeypatch):
    """The proof does not rest on the loader: here it loads all but one tensor and says nothing."""

    def forgetful(model, path, **_):
        state = open_clip.factory.load_state_dict(path)
        state.pop("ln_final.weight")
        model.load_state_dict(state, strict=False)

    monkeypatch.setattr(open_clip, "load_checkpoint", forgetful)

    with pytest.raises(EncoderUnavailableError, match=r"leaves 1 tensors without values, 'ln_final\.weight'"):
        load(clip)


def test_a_pickle_that_runs_code_is_not_run(clip, tmp_path):
    class Hostile:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").touch, ())

    (clip / WEIGHTS).unlink()
    torch.save({"weights": Hostile()}, clip / "open_clip_pytorch_model.bin")

    with pytest.raises(EncoderUnavailableError, match="does not hold the weights"):
        load(clip)
    assert not (tmp_path / "ran").exists()


def test_pickled_weights_are_the_same_space(clip):
    before = load(clip).space
    torch.save(load_file(clip / WEIGHTS), clip / "open_clip_pytorch_model.bin")
    (clip / WEIGHTS).unlink()

    assert load(clip).space == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("{", "cannot be read"),
        ("[]", "holds list"),
        ("{}", "lacks a model_cfg"),
        ('{"model_cfg": {"embed_dim": 32, "vision_cfg": 3, "text_cfg": {}}}', "lacks a model_cfg"),
        ('{"model_cfg": {"embed_dim": 32, "vision_cfg": {"colour": 1}, "text_cfg": {}}}', "cannot build the model"),
    ],
)
def test_a_configuration_that_describes_no_model(clip, content, message):
    (clip / CONFIG).unlink()
    if content is not None:
        (clip / CONFIG).write_text(content)

    with pytest.raises(EncoderUnavailableError, match=message):
        load(clip)


@pytest.mark.parametrize("option", ["trust_remote_code", "reduction_mask"])
def test_a_configuration_that_asks_too_much_of_its_tokenizer(siglip, option):
    config = read_config(siglip)
    config["model_cfg"]["text_cfg"]["tokenizer_kwargs"][option] = True
    write_config(siglip, config)

    with pytest.raises(ConfigurationError, match=rf"tokenizer_kwargs {option}, expected at most clean"):
        load(siglip)


def test_a_tokenizer_with_code_of_its_own_is_not_run(siglip, tmp_path):
    described = json.loads((siglip / "tokenizer_config.json").read_text())
    described |= {"auto_map": {"AutoTokenizer": ["hostile.Mine", None]}, "tokenizer_class": "Mine"}
    (siglip / "tokenizer_config.json").write_text(json.dumps(described))
    (siglip / "hostile.py").write_text(f"import pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\n")

    with pytest.raises(EncoderUnavailableError, match="tokenizer"):
        load(siglip)
    assert not (tmp_path / "ran").exists()


def test_a_missing_tokenizer(siglip):
    (siglip / "tokenizer.json").unlink()
    (siglip / "tokenizer_config.json").unlink()

    with pytest.raises(EncoderUnavailableError, match=r"tokenizer.*cannot be loaded.*put tokenizer\.json"):
        load(siglip)


def test_clips_tokenizer_is_not_taken_for_another_models(siglip):
    """Without text_cfg.hf_tokenizer_name open_clip falls back to CLIP's tokenizer, whose ids mean other words."""
    config = read_config(siglip)
    del config["model_cfg"]["text_cfg"]["hf_tokenizer_name"]
    del config["model_cfg"]["text_cfg"]["tokenizer_kwargs"]
    write_config(siglip, config)

    with pytest.raises(EncoderUnavailableError, match=r"would get CLIP's tokenizer.*hf_tokenizer_name"):
        load(siglip)


def test_a_tokenizer_with_more_words_than_the_model(siglip):
    tokenizer = json.loads((siglip / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary["d"], vocabulary["Ġb"] = 100_000, vocabulary["d"]
    (siglip / "tokenizer.json").write_text(json.dumps(tokenizer))

    with pytest.raises(EncoderUnavailableError, match=r"ids up to 100000, the model expects .* below 320"):
        load(siglip)


@pytest.mark.parametrize(
    "change",
    [
        lambda config: config["model_cfg"].update(quick_gelu=True),
        lambda config: config["preprocess_cfg"].update(mean=[0.1, 0.2, 0.3]),
        lambda config: config["preprocess_cfg"].update(resize_mode="squash"),
        lambda config: config["model_cfg"]["vision_cfg"].update(head_width=16),
    ],
    ids=["activation", "channel means", "resizing", "heads"],
)
def test_the_same_weights_run_otherwise_are_another_space(clip, change):
    before = load(clip).space
    config = read_config(clip)
    change(config)
    write_config(clip, config)

    assert load(clip).space.key != before.key


def test_a_renamed_folder_is_the_same_space(clip, tmp_path):
    before = load(clip).space
    clip.rename(tmp_path / "elsewhere")

    assert load(tmp_path / "elsewhere").space.key == before.key


def test_prepared_photos_of_another_encoder_are_refused(clip):
    encoder = load(clip)

    with pytest.raises(EncodingError, match=r"uint8 \(1, 8, 8, 3\).*expects uint8 \(1, 32, 32, 3\)"):
        encoder.encode_prepared([np.zeros((1, 8, 8, 3), dtype=np.uint8)])


def test_loading_leaves_logging_alone_and_says_nothing_of_random_weights(clip, caplog):
    root = logging.getLogger()
    before = root.handlers[:], root.filters[:], root.level

    load(clip)

    assert (root.handlers[:], root.filters[:], root.level) == before
    assert "random" not in caplog.text


def test_a_model_is_exported_with_its_tokenizer(siglip, tmp_path):
    export_checkpoint(f"open_clip:local-dir:{siglip}", tmp_path / "exported")

    assert load(tmp_path / "exported").space.key == load(siglip).space.key


class TestPublished:
    """`open_clip:<model>/<pretrained>`, from a hub cache that an earlier download left."""

    @pytest.fixture
    def cache(self, clip, tmp_path, monkeypatch):
        """Publishes the small CLIP as Tiny/test and Tiny/quick, trained with QuickGELU, and caches the weights."""
        published = {
            key: tuple(value) if isinstance(value, list) else value for key, value in CLIP_PREPROCESSING.items()
        }
        tags = {
            "test": published | {"hf_hub": "venues/tiny/", "resize_mode": "squash"},
            "quick": published | {"hf_hub": "venues/tiny/open_clip_pytorch_model.bin", "quick_gelu": True},
            "absent": published | {"hf_hub": "venues/absent/"},
        }
        monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, "Tiny", CLIP_MODEL)
        monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "Tiny", tags)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        repository = tmp_path / "hub" / "models--venues--tiny"
        snapshot = repository / "snapshots" / ("0" * 40)
        snapshot.mkdir(parents=True)
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text("0" * 40)
        shutil.copy(clip / WEIGHTS, snapshot / WEIGHTS)
        torch.save(load_file(clip / WEIGHTS), snapshot / "open_clip_pytorch_model.bin")
        return snapshot

    @pytest.mark.usefixtures("cache")
    def test_cached_weights_load_without_a_network(self, clip):
        encoder = load_encoder("open_clip:Tiny/test", device="cpu")

        assert encoder.space.facts.resize_mode == "squash"
        photo = Image.new("RGB", (32, 32), "teal")
        np.testing.assert_allclose(encoder.encode_images([photo]), load(clip).encode_images([photo]), atol=1e-6)

    @pytest.mark.usefixtures("cache")
    def test_quick_gelu_weights_run_with_quick_gelu(self, clip):
        """`ViT-B-32/openai` was trained with QuickGELU, the configuration of ViT-B-32 says GELU."""
        encoder = load_encoder("open_clip:Tiny/quick", device="cpu")
        config = read_config(clip)
        config["model_cfg"]["quick_gelu"] = True
        write_config(clip, config)

        assert encoder.space.key == load(clip).space.key

    @pytest.mark.usefixtures("cache")
    @pytest.mark.parametrize("tag", ["test", "quick"])
    def test_an_exported_model_is_the_same_space(self, tmp_path, tag):
        export_checkpoint(f"open_clip:Tiny/{tag}", tmp_path / "exported")

        assert load(tmp_path / "exported").space.key == load_encoder(f"open_clip:Tiny/{tag}", device="cpu").space.key

    @pytest.mark.usefixtures("cache")
    def test_weights_that_cannot_be_downloaded(self):
        with pytest.raises(EncoderUnavailableError, match=r"Tiny/absent could not be downloaded.*local-dir:<path>"):
            load_encoder("open_clip:Tiny/absent", device="cpu")

    def test_a_damaged_download(self, cache):
        (cache / WEIGHTS).write_bytes(b"<html>404</html>")

        with pytest.raises(EncoderUnavailableError, match=r"\(16 bytes\) does not hold the weights of Tiny"):
            load_encoder("open_clip:Tiny/test", device="cpu")
