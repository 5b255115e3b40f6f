"""`venuefinder export` and `venuefinder import`: a catalogue with its embeddings, as a folder of Parquet files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from venuefinder.bootstrap import Services
from venuefinder.errors import InputError
from venuefinder.originals import Originals
from venuefinder.progress_bar import ProgressBar
from venuefinder.records import StoredPhoto
from venuefinder.settings import load_settings
from venuefinder.terminal import say

FAILURES_EXIT = 6
"""The export is whole, but for original photos that are gone or changed; they are named."""

if TYPE_CHECKING:
    from venuefinder.carried import ListedPhoto
    from venuefinder.transfer.exporting import ExportReport
    from venuefinder.transfer.importing import Destination, ImportReport


def export_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder, or an empty one.")],
    *,
    space: Annotated[
        str | None, typer.Option("--space", help="Which space's embeddings to export; else the one that serves.")
    ] = None,
    all_spaces: Annotated[bool, typer.Option("--all-spaces", help="The embeddings of every space.")] = False,
    photos: Annotated[bool, typer.Option("--photos", help="Copy the original photos into it too.")] = False,
) -> None:
    """Write the catalogue with its embeddings as Parquet files, as it is at one moment.

    Loads no model. Searches and ingestion go on meanwhile. Exit code 6: it is whole, but for some original photos.
    """
    from venuefinder.store.snapshots import SnapshotRepository
    from venuefinder.transfer.exporting import export

    if space and all_spaces:
        raise InputError("--space, --all-spaces: found both, expected one of them")
    with Services(load_settings()) as services, TerminalTransfer() as progress:
        snapshots = SnapshotRepository(services.database)
        chosen = None if all_spaces else services.switching.named(space) if space else services.activations.active()
        keys = {chosen.space.key} if chosen else None
        report = export(snapshots, folder, keys, progress, Kept(services.originals) if photos else None)
    for line in export_words(report):
        say(line)
    raise typer.Exit(FAILURES_EXIT if report.failed else 0)


def import_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that venuefinder export wrote.")],
    *,
    photos_root: Annotated[
        list[str] | None,
        typer.Option(metavar="OLD=NEW", help="Where a folder with photos lies by now; can be given several times."),
    ] = None,
) -> None:
    """Bring an exported catalogue into this one, with its embeddings: no model is loaded, no photo is read.

    Stop it as you like and run it again: what is there already stays.
    """
    from venuefinder.transfer.importing import import_catalogue
    from venuefinder.transfer.locations import Move

    moves = [Move.parsed(text) for text in photos_root or ()]
    with Services(load_settings()) as services, TerminalTransfer() as progress:
        report = import_catalogue(folder, destination(services), moves, progress)
        missing = {space.space.name: services.fills.missing(space) for space in report.spaces}
    for line in import_words(report):
        say(line)
    for name, lacking in missing.items():
        if lacking:
            say(f"space {name!r}: {lacking} have no embeddings in it; run: venuefinder spaces backfill {name}")


def destination(services: Services) -> "Destination":
    """Return this catalogue as one that takes others in."""
    from venuefinder.store.adoptions import AdoptionRepository
    from venuefinder.store.arrivals import ArrivalRepository
    from venuefinder.transfer.importing import Destination

    return Destination(
        spaces=services.spaces,
        adoptions=AdoptionRepository(services.database),
        arrivals=ArrivalRepository(services.database),
        indexes=services.indexes,
        index=services.settings.index,
        alone=lambda: _alone(services),
        serves=services.activations.active,
        originals=Kept(services.originals),
    )


@contextmanager
def _alone(services: Services) -> Iterator[None]:
    """Hold off other imports; and sweeps, or an original found in our store could go before its photo is written."""
    from venuefinder.store.originals import OriginalRepository

    uses = OriginalRepository(services.database)
    with services.runs.exclusively("venuefinder import"), uses.holding():
        yield
    uses.sweep(services.originals.kept.delete)


class Kept:
    """The originals of a catalogue, as exports and imports ask for them."""

    def __init__(self, originals: Originals) -> None:
        self._originals = originals
        self.max_bytes = originals.max_bytes

    def read(self, photo: "ListedPhoto") -> bytes:
        """Return a photo's bytes, from wherever they are; raises ImageError."""
        draft = photo.draft
        if draft.content is None:
            raise ValueError(f"photo {draft.uri!r}: expected it with its content")
        stored = StoredPhoto(
            id=photo.number,
            uri=draft.uri,
            file=draft.file,
            content=draft.content,
            room=draft.room,
            caption=draft.caption,
            position=draft.position,
        )
        return self._originals.of(stored)

    def keep(self, data: bytes, content_hash: bytes) -> None:
        """Store bytes in our own store."""
        self._originals.keep(data, content_hash)


def export_words(report: "ExportReport") -> list[str]:
    """Return what was exported, and what was not, a line each."""
    lines = [
        f"{report.folder}: {report.venues:,} venues, {report.photos:,} photos and {report.embeddings:,} embeddings, "
        f"{report.bytes / 1e6:,.1f} MB"
    ]
    if report.ours:
        lines.append(
            f"the originals of {report.ours:,} photos lie in this catalogue's own store and are not in the export; "
            "export with --photos, or copy the folder photos of its data folder too"
        )
    lines += [f"not copied: {one.external_id}/{one.uri}: {one.reason}" for one in report.not_copied]
    if report.failed > len(report.not_copied):
        lines.append(f"… and {report.failed - len(report.not_copied):,} more")
    return lines


def import_words(report: "ImportReport") -> list[str]:
    """Return what was imported, and what is left to do, a line each."""
    taken = report.taken
    lines = [
        f"venues: {taken.venues_new:,} new, {taken.venues_updated:,} updated, {taken.venues_unchanged:,} unchanged",
        f"photos: {taken.photos_new:,} new, {taken.photos_updated:,} updated, {taken.photos_unchanged:,} unchanged",
        f"embeddings: of {taken.embedded:,} photos and {taken.described:,} descriptions",
    ]
    serves = report.serves.id if report.serves else None
    for space in report.spaces:
        name = space.space.name
        is_serving = space.id == serves
        lines.append(
            f"space {name!r} serves"
            if is_serving
            else f"space {name!r} does not serve; to let it, run: venuefinder spaces activate {name}"
        )
    if report.not_there:
        lines.append(
            f"the originals of {report.not_there:,} of {report.looked_for:,} venues are not where they were: searches "
            "work, their pictures are not shown; copy them there, or import again with --photos-root OLD=NEW"
        )
    lines += [f"--photos-root {old}: no photo lay there" for old in report.unused]
    return lines


class TerminalTransfer(ProgressBar):
    """How a transfer goes: a bar, or on no terminal a line, for each part."""

    def __init__(self) -> None:
        super().__init__(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())

    def begin(self, what: str, total: int) -> None:
        """Begin another part."""
        self.start(total, what=what)
        if not self.drawn:
            self.say(f"{what}: {total:,}")
