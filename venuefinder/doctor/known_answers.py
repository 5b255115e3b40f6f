"""`doctor --models`: the models' checks, and the record of the encoder's."""

import json
import platform
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from venuefinder import __version__
from venuefinder.bootstrap import Services
from venuefinder.doctor.check import Check, Step, Verdict, carried_out, ok, warning
from venuefinder.doctor.known_photos import KnownPhotos, known_photos
from venuefinder.doctor.known_questions import Examination
from venuefinder.doctor.model import place_of
from venuefinder.model_check import RIGHT_FIRST, Finding, ModelReport, check_model

PACKAGES = ("torch", "open_clip_torch", "transformers", "pillow", "numpy")
"""Whose versions a record names."""
STARTER_RIGHT_FIRST = 0.5
"""Share of photos whose own text must be first, for the starter: it is modest, see docs/models/starter.md. By chance
8 of 16 come about twice in 10^6 times."""
DRAWN_RIGHT_FIRST = 0.25
"""The same for drawn pictures, which no model was made for. By chance 2 of 8 come one time in four: no proof."""


def examine(services: Services, record: Path | None, compare_vlm: str | None = None) -> Iterator[Check]:
    """Yield a check for the photos, one for the encoder, one a finding, one for the record, and those of the VLM."""
    known = known_photos(services.settings.data_dir / "samples")
    reports: list[ModelReport] = []
    steps = [
        Step("known photos", lambda: _told(known), "run: make demo"),
        Step("encoder", lambda: _run(services, known, reports), "run: venuefinder doctor"),
    ]
    yield from carried_out(steps)
    for report in reports:
        yield from (_as_check(finding) for finding in report.findings)
        if record is not None:
            line = {**record_of(report, known), **_place(services)}
            yield from carried_out([Step("record", partial(_append, line, record), "name a file you may write to")])
    if reports:  # without an encoder there is no service that could ask a model
        yield from carried_out(Examination(services, known, compare_vlm).steps())


def _told(known: KnownPhotos) -> Verdict:
    found = f"{len(known.photos)} {known.kind}"
    if known.are_photographs:
        return ok(found)
    return warning(f"{found}: they say little of a model", "run: make demo, which builds the sample venues")


def _run(services: Services, known: KnownPhotos, reports: list[ModelReport]) -> Verdict:
    """Check the model, and leave its report in `reports`."""
    encoder, place = services.encoder, _place(services)
    space = encoder.space
    required = _required(space.encoder, known)
    reports.append(check_model(encoder, known.photos, dtype=place["dtype"], required=required))
    return ok(f"{space.name}: {space.dimension} values a photo, on {place['device']} in {place['dtype']}")


def _required(encoder: str, known: KnownPhotos) -> float:
    if not known.are_photographs:
        return DRAWN_RIGHT_FIRST
    return STARTER_RIGHT_FIRST if encoder == "starter" else RIGHT_FIRST


def _place(services: Services) -> dict[str, str]:
    device, dtype = place_of(services.settings, services.encoder.space.encoder)
    return {"device": device, "dtype": dtype}


def _append(line: dict[str, Any], record: Path) -> Verdict:
    with record.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, sort_keys=True) + "\n")
    return ok(f"appended to {record}")


def record_of(report: ModelReport, known: KnownPhotos) -> dict[str, Any]:
    """Return what documents need of a run: model, figures and versions, nothing of the machine's folders.

    A run on drawn pictures is never recorded as passed.
    """
    return {
        "encoder": re.sub(r"local-dir:.*[/\\]", "local-dir:", report.space.encoder),
        "space": report.space.key,
        "weights": report.space.weights,
        "dimension": report.space.dimension,
        "passed": report.passed and known.are_photographs,
        "known_photos": known.kind,
        "figures": {name: float(f"{value:.3g}") for name, value in report.figures.items()},
        "versions": {"venuefinder": __version__, "python": platform.python_version()} | _versions(),
        "machine": f"{platform.system()} {platform.machine()}",
        "date": datetime.now(UTC).date().isoformat(),
    }


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _as_check(finding: Finding) -> Check:
    if finding.passed:
        return Check(finding.name, "ok", finding.found)
    return Check(finding.name, "failed", finding.found, finding.remedy)
