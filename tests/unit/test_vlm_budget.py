"""What a photo costs, held against the model's own processor, tokenizer and weights."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from safetensors import safe_open
from typer.testing import CliRunner

from tests import hostile
from venuefinder.cli import app
from venuefinder.errors import ConfigurationError
from venuefinder.vlm.budget import Plan, SizedPhoto, budget_of, cost_of
from venuefinder.vlm.model_shape import KNOWN, shape_of
from venuefinder.vlm.prompt_tokens import YES_OR_NO, text_tokens
from venuefinder.vlm.prompts import REPORT, SYSTEM
from venuefinder.vlm.resizing import TokenLimits

SMALL, LARGE = KNOWN["Qwen2.5-VL-3B-Instruct"], KNOWN["Qwen2.5-VL-7B-Instruct"]


def plan(model: Path | str, *, folder: Path | None = None) -> Plan:
    return Plan(model=str(model), limits=TokenLimits(64, 256), text=text_tokens(folder), shape=shape_of(str(model)))


def values_in(folder: Path) -> int:
    with safe_open(folder / "model.safetensors", "np") as weights:
        return sum(weights.get_tensor(name).size for name in weights.keys())  # noqa: SIM118 - not a mapping


def test_the_published_models_have_the_parameters_they_are_published_with():
    assert SMALL.parameters == 3_754_622_976
    assert LARGE.parameters == 8_292_166_656


def test_parameters_of_a_local_model_are_those_in_its_weights(tiny_vlm):
    assert shape_of(str(tiny_vlm)).parameters == values_in(tiny_vlm)


def test_what_a_token_takes_in_the_cache():
    """2 (keys, values) x layers x KV heads x 128 values x 2 bytes."""
    assert SMALL.kv_bytes(2) == 36_864
    assert LARGE.kv_bytes(2) == 57_344
    assert 256 * LARGE.kv_bytes(2) == pytest.approx(15e6, rel=0.03)


def test_reading_a_hundred_photos_of_256_tokens_takes_about_0_6_pflop_on_7b():
    assert 100 * LARGE.prefill_flops(visual=256, text=100) == pytest.approx(0.6e15, rel=0.02)


def test_four_bits_a_weight_take_about_a_third_of_the_memory():
    assert LARGE.weight_bytes(2) == 2 * LARGE.parameters
    assert 5e9 < LARGE.weight_bytes(2, quantised=True) < 7e9


@pytest.mark.parametrize("size", [(640, 480), (2000, 90), (30, 30), (4000, 3000)])
@pytest.mark.parametrize("question", [REPORT, YES_OR_NO])
def test_a_request_has_as_many_tokens_as_the_processor_makes(tiny_vlm, size, question):
    from transformers import AutoProcessor

    processor = AutoProcessor.from_pretrained(tiny_vlm, local_files_only=True)
    found = plan(tiny_vlm, folder=tiny_vlm)
    limits = found.limits
    image_part, text_part = {"type": "image", "image": Image.new("RGB", size)}, {"type": "text", "text": question}
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": [image_part, text_part]}]
    inputs = processor.apply_chat_template(
        messages,
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        processor_kwargs={"size": {"shortest_edge": limits.min_pixels, "longest_edge": limits.max_pixels}},
    )
    expected = len(inputs["input_ids"][0])

    cost = cost_of(SizedPhoto("p", *size), found)

    assert found.text.counted
    asked = found.text.report if question is REPORT else found.text.question
    assert cost.visual_tokens + found.text.system + asked == expected
    assert cost.request_tokens == cost.visual_tokens + found.text.system + found.text.report


def test_without_a_tokenizer_the_prompts_are_estimated():
    estimated = text_tokens(None)

    assert not estimated.counted
    assert estimated.system == pytest.approx(len(SYSTEM) / 4, rel=0.15)
    assert estimated.report == pytest.approx(len(REPORT) / 4, rel=0.15)


def test_sums_are_sums():
    found = plan("Qwen/Qwen2.5-VL-7B-Instruct")
    costs = [cost_of(SizedPhoto("a", 640, 480), found), cost_of(SizedPhoto("b", 100, 100), found)]

    budget = budget_of(costs, found)

    assert budget.visual_tokens == sum(cost.visual_tokens for cost in costs)
    assert budget.kv_bytes == sum(cost.kv_bytes for cost in costs)
    assert budget.seconds == pytest.approx(sum(cost.seconds for cost in costs))
    assert budget.weight_bytes == 2 * LARGE.parameters


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "not readable as JSON"),
        ("[]", "found model_type None"),
        ('{"model_type": "llava"}', "found model_type 'llava', expected 'qwen2_5_vl'"),
        ('{"model_type": "qwen2_5_vl", "num_hidden_layers": -1}', "found num_hidden_layers -1, expected a number"),
    ],
)
def test_a_configuration_that_is_none_is_refused(tmp_path, config, message):
    (tmp_path / "config.json").write_text(config)

    with pytest.raises(ConfigurationError, match=message):
        shape_of(str(tmp_path))


def test_a_file_that_is_no_tokenizer_is_refused(tmp_path):
    (tmp_path / "tokenizer.json").write_text("{}")

    with pytest.raises(ConfigurationError, match="not a tokenizer"):
        text_tokens(tmp_path)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "wide.jpg").write_bytes(hostile.encoded(Image.new("RGB", (2000, 500)), "JPEG"))
    (folder / "upright.jpg").write_bytes(hostile.oriented("JPEG", 6))
    (folder / "notes.txt").write_text("no photo")
    (folder / ".hidden.jpg").write_text("no photo")
    return folder


def run(*arguments: object) -> tuple[int, dict, str]:
    done = CliRunner().invoke(app, ["vlm", "budget", *map(str, arguments), "--json"])
    return done.exit_code, json.loads(done.stdout), done.stderr


def test_the_command_counts_photos_and_folders_and_goes_on_after_a_bad_one(photos, tmp_path):
    ribbon, missing = tmp_path / "ribbon.png", tmp_path / "missing.jpg"
    ribbon.write_bytes(hostile.encoded(Image.new("RGB", (6000, 20)), "PNG"))

    code, found, _ = run(photos, ribbon, missing, "--tokens", 100)

    assert code == 6
    assert [Path(each["photo"]).name for each in found["photos"]] == ["upright.jpg", "wide.jpg"]
    assert [(each["width"], each["height"]) for each in found["photos"]] == [hostile.SIZE, (2000, 500)]
    assert all(each["visual_tokens"] <= 100 for each in found["photos"])
    assert found["problems"][str(missing)] == "no such file"
    assert "50 times" in found["problems"][str(ribbon)]
    assert found["passed_over"] == 1
    assert found["model"] == "Qwen/Qwen2.5-VL-7B-Instruct"


def test_the_command_takes_the_settings_model(photos, tiny_vlm, monkeypatch):
    monkeypatch.setenv("VENUEFINDER_VLM", f"transformers:{tiny_vlm}")
    assert run(photos)[1]["text_tokens_counted"] is True
    assert str(tiny_vlm.parent) not in run(photos)[1]["model"]

    monkeypatch.setenv("VENUEFINDER_VLM", "openai:http://127.0.0.1:8000/v1#Qwen/Qwen2.5-VL-3B-Instruct")
    assert run(photos)[1]["weight_bytes"] == 2 * SMALL.parameters


def test_a_model_that_nobody_knows_has_tokens_and_no_memory(photos):
    code, found, _ = run(photos, "--model", "gpt-next")
    words = CliRunner().invoke(app, ["vlm", "budget", str(photos), "--model", "gpt-next"]).stdout

    assert (code, found["weight_bytes"], found["seconds"]) == (0, None, None)
    assert found["visual_tokens"] > 0
    assert "known are Qwen2.5-VL-3B-Instruct, Qwen2.5-VL-7B-Instruct" in words


def test_people_are_told_what_is_estimated_and_that_zero_shot_costs_nothing(photos):
    words = CliRunner().invoke(app, ["vlm", "budget", str(photos)]).stdout

    assert words.startswith("VENUEFINDER_VLM is zero-shot, which shows no photo to a model")
    assert "2,000 x 500" in words
    assert "16.6 GB of weights" in words
    assert words.count("estimated") >= 2


def test_it_works_without_torch_transformers_and_tokenizers(photos):
    script = """
import sys
for name in ("torch", "torchvision", "transformers", "tokenizers", "qwen_vl_utils"):
    sys.modules[name] = None
from venuefinder.cli import main
sys.argv = ["venuefinder", "vlm", "budget", sys.argv[1], "--json"]
main()
"""
    done = subprocess.run([sys.executable, "-c", script, str(photos)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["visual_tokens"] > 0
