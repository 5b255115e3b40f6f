"""docs/models/verified.md calls verified what docs/models/verified.jsonl records, and nothing else."""

import json
import re
from pathlib import Path

from venuefinder.doctor.model import STARTER

FOLDER = Path(__file__).parents[2] / "docs" / "models"
RECORDS = [json.loads(line) for line in (FOLDER / "verified.jsonl").read_text().splitlines()]
ROWS = re.findall(
    r"^\| `(.+?)` \| verified \| (\d+) % of (\d+)", (FOLDER / "verified.md").read_text(), flags=re.MULTILINE
)


def test_every_verified_model_has_a_record_that_says_so():
    recorded = {
        (record["encoder"], round(100 * record["figures"]["right_text_first"]), round(record["figures"]["photos"]))
        for record in RECORDS
        if record["passed"] and record["known_photos"] == "photos of the sample venues"
    }

    assert ROWS
    assert {(encoder, int(share), int(photos)) for encoder, share, photos in ROWS} <= recorded


def test_records_name_nothing_of_the_machine_that_made_them():
    assert [record["encoder"] for record in RECORDS if "/" in record["encoder"].partition("local-dir:")[2]] == []


def test_what_the_doctor_says_of_the_starter_is_what_its_card_says():
    card = (FOLDER / "starter.md").read_text()
    said = [f".{round(float(percent) * 10)}" for percent in re.findall(r"([\d.]+) %", STARTER)]

    assert len(said) == 3
    assert re.search(rf"\| description \| \*\*[^|]+\*\* \| \S+ ± \.\d+\*\* \| \*\*{said[0]} ", card)
    assert re.search(rf"\| CLIP ViT-B-32 \(OpenAI\) \| {said[1]} \|", card)
    assert re.search(rf"\| SigLIP ViT-B-16 \| {said[2]} \|", card)
