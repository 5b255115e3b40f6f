"""The folder of sample venues: complete or not there at all."""

import hashlib
import json
import shutil
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Literal

from samples.errors import SamplesError
from samples.recipe import Sample
from venuefinder.domain import Value

STAMP = ".samples.json"
Contents = Literal["venues", "stand-ins"]


class Stamp(Value):
    """What a finished folder holds, written last."""

    recipe: str
    """SHA-256 over everything that shapes the photos and texts."""
    contents: Contents
    sizes: dict[str, int]
    """Bytes of every file, by its path in the folder."""


def recipe_hash() -> str:
    """Return the SHA-256 over this package's code and texts: a change in them asks for a new build."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*")):
        if path.suffix in (".py", ".json"):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def finished(folder: Path) -> Contents | None:
    """Return what the folder holds, or None unless it was built by this very recipe and no file is missing."""
    stamp = _stamp(folder)
    if stamp is None or stamp.recipe != recipe_hash() or not stamp.sizes.items() <= _sizes(folder).items():
        return None
    return stamp.contents


def write(samples: Iterable[Sample], contents: Contents, folder: Path) -> None:
    """Build the folder aside and put it in place as a whole, instead of an older one that we made.

    Raises SamplesError when the folder holds something that we did not make.
    """
    folder = folder.resolve()
    _refuse_foreign(folder)
    aside = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        for sample in samples:
            _write_sample(sample, aside / sample.listing.external_id)
        stamp = Stamp(recipe=recipe_hash(), contents=contents, sizes=_sizes(aside))
        (aside / STAMP).write_text(stamp.model_dump_json(indent=1), encoding="utf-8")
        _replace(folder, aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_sample(sample: Sample, folder: Path) -> None:
    folder.mkdir()
    for name, data in sample.photos.items():
        (folder / name).write_bytes(data)
    fields = sample.listing.model_dump(exclude_unset=True, exclude_none=True)
    text = json.dumps(fields, indent=2, ensure_ascii=False, default=_number)
    (folder / "venue.json").write_text(text + "\n", encoding="utf-8")


def _number(amount: Decimal) -> int | float:
    # Pydantic would write money as text; people write numbers.
    return int(amount) if amount == int(amount) else float(amount)


def _replace(folder: Path, aside: Path) -> None:
    if folder.exists():
        old = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        aside.rename(folder)
        shutil.rmtree(old)
    else:
        aside.rename(folder)


def _refuse_foreign(folder: Path) -> None:
    if not folder.exists():
        return
    stamp = _stamp(folder)
    ours = stamp.sizes.keys() if stamp is not None else set()
    foreign = sorted(_sizes(folder).keys() - ours) if folder.is_dir() else [folder.name]
    if foreign:
        raise SamplesError(
            f"{folder}: found {foreign[0]!r}, which samples.build did not make, expected a new or an empty folder or "
            "one of its own; move it away or name another folder"
        )


def _stamp(folder: Path) -> Stamp | None:
    try:
        return Stamp.model_validate_json((folder / STAMP).read_bytes())
    except (OSError, ValueError):
        return None


def _sizes(folder: Path) -> dict[str, int]:
    # Hidden files are the stamp and what file managers leave behind.
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
