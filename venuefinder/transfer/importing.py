"""Read an exported catalogue into another: everything is checked, a batch of venues is one transaction.

Stopped at any point and run again, it ends as if undisturbed: what is stored already is left as it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from venuefinder.carried import CarriedEmbeddings, CarriedSpace, CarriedVenue, ListedPhoto, ListedVenue, Taken
from venuefinder.domain import EmbeddingSpace
from venuefinder.errors import InputError
from venuefinder.records import IndexKind, StoredSpace, VenueDraft
from venuefinder.spaces.indexing import Indexes
from venuefinder.transfer import layout
from venuefinder.transfer.listings import photo_of, venue_of
from venuefinder.transfer.locations import Move, moved, moved_source
from venuefinder.transfer.manifest import Manifest, check_files, read_manifest
from venuefinder.transfer.originals import Store as Originals
from venuefinder.transfer.originals import bring_originals
from venuefinder.transfer.progress import Progress
from venuefinder.transfer.space_facts import read_spaces
from venuefinder.transfer.space_tables import SpaceTables
from venuefinder.transfer.tables import ByVenue, read_rows

GROUP_VENUES, GROUP_PHOTOS = 200, 1000
"""Venues, and photos of them, written in one transaction: what an import that is killed does again."""


class Spaces(Protocol):
    """Where spaces are kept."""

    def ensure(self, space: EmbeddingSpace, *, indexed: bool = True) -> StoredSpace:
        """Return a stored space, made if need be; the first one of a catalogue serves."""


class Adoptions(Protocol):
    """Where what was measured in a space is taken over: `store.adoptions.AdoptionRepository`."""

    def adopt(self, carried: CarriedSpace, into: StoredSpace) -> bool:
        """Keep what was measured and fitted in a space, where nothing was measured here; say whether so."""


class Arrivals(Protocol):
    """Where venues arrive: `store.arrivals.ArrivalRepository`."""

    def take(self, carried: Sequence[CarriedVenue], spaces: Sequence[StoredSpace]) -> Taken:
        """Store venues with their embeddings in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The catalogue that takes an export in."""

    spaces: Spaces
    adoptions: Adoptions
    arrivals: Arrivals
    indexes: Indexes
    index: IndexKind
    """What is built once all is there."""
    alone: Callable[[], AbstractContextManager[object]]
    """Holds off other imports; raises InputError while there is one."""
    serves: Callable[[], StoredSpace | None]
    originals: Originals


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What an import did."""

    taken: Taken = field(default_factory=Taken)
    spaces: tuple[StoredSpace, ...] = ()
    serves: StoredSpace | None = None
    """The space that serves afterwards."""
    looked_for: int = 0
    not_there: int = 0
    """Of the originals looked for, one of each venue that has any in place on this machine."""
    unused: tuple[str, ...] = ()
    """Old roots that no photo lay under."""


def import_catalogue(folder: Path, destination: Destination, moves: Sequence[Move], progress: Progress) -> ImportReport:
    """Bring an exported catalogue into another, and return what was done.

    Raises InputError for an export that is not whole and as it was written, or holds what no manifest could.
    """
    manifest = read_manifest(folder)
    progress.say("checking the files against their hashes")
    check_files(folder, manifest)
    carried = read_spaces(folder / layout.SPACES)
    if [space.stored.space.key for space in carried] != list(manifest.spaces):
        raise InputError(f"{folder / layout.SPACES}: found other spaces than {layout.MANIFEST} names")
    with destination.alone():
        return _Import(folder, manifest, destination, moves, progress).run(carried)


class _Import:
    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        destination: Destination,
        moves: Sequence[Move],
        progress: Progress,
    ) -> None:
        self._folder = folder
        self._manifest = manifest
        self._to = destination
        self._moves = moves
        self._progress = progress
        self._report = ImportReport()

    def run(self, carried: Sequence[CarriedSpace]) -> ImportReport:
        spaces = self._spaces(carried)
        self._report.spaces = tuple(spaces)
        facts = self._manifest.files[layout.PHOTOS]
        self._progress.begin("photos", facts.rows or 0)
        for carried_group in self._groups(spaces):
            group = bring_originals(self._to.originals, carried_group, self._folder)
            self._report.taken.add(self._to.arrivals.take(group, spaces))
            self._progress.advance(sum(len(one.draft.photos) for one in group))
        for space in spaces:
            self._index(space)
        self._report.serves = self._to.serves()
        self._report.unused = tuple(move.old or "/" for move in self._moves if not move.moved)
        return self._report

    def _index(self, space: StoredSpace) -> None:
        """Build a space's index after its rows are there, which takes less long than one that grows with them."""
        kind = self._to.index
        if kind not in self._to.indexes.kinds(space):
            self._progress.say(f"space {space.space.name}: building the {kind} index")
            self._to.indexes.build(space, kind)
        self._to.indexes.vacuum(space)

    def _spaces(self, carried: Sequence[CarriedSpace]) -> list[StoredSpace]:
        """Return the stored spaces, made where they are not there: the one that served first, so that it serves."""
        of: dict[str, StoredSpace] = {}
        for one in sorted(carried, key=lambda one: one.stored.space.key != self._manifest.serves):
            stored = self._to.spaces.ensure(one.stored.space, indexed=False)
            of[one.stored.space.key] = stored
            if not self._to.adoptions.adopt(one, stored):
                self._progress.say(f"space {stored.space.name}: is measured here already, which stays")
        return [of[one.stored.space.key] for one in carried]

    def _groups(self, spaces: Sequence[StoredSpace]) -> Iterator[list[CarriedVenue]]:
        group: dict[str, CarriedVenue] = {}
        photos = 0
        for venue in self._venues(spaces):
            external_id = venue.draft.venue.external_id
            if external_id in group:
                raise InputError(
                    f"{self._path(layout.VENUES)}: found the venue {external_id!r} twice, expected it once"
                )
            group[external_id] = venue
            photos += len(venue.draft.photos)
            if len(group) >= GROUP_VENUES or photos >= GROUP_PHOTOS:
                yield list(group.values())
                group, photos = {}, 0
        if group:
            yield list(group.values())

    def _venues(self, spaces: Sequence[StoredSpace]) -> Iterator[CarriedVenue]:
        photos = ByVenue(self._photos(), self._path(layout.PHOTOS))
        tables = {space.id: SpaceTables(self._folder, self._manifest.files, space.space) for space in spaces}
        before = -1
        for place, row in self._rows(layout.VENUES):
            listed = venue_of(row, place)
            if listed.number <= before:
                raise InputError(f"{place}: found venue {listed.number} after {before}, expected ascending numbers")
            before = listed.number
            of_venue = photos.take(listed.number)
            embeddings = {number: of_space.take(listed, of_venue) for number, of_space in tables.items()}
            yield self._carried(listed, of_venue, embeddings)
        photos.end()
        for of_space in tables.values():
            of_space.end()

    def _carried(
        self, listed: ListedVenue, photos: Sequence[ListedPhoto], embeddings: Mapping[int, CarriedEmbeddings]
    ) -> CarriedVenue:
        drafts = tuple(
            replace(one.draft, file=replace(one.draft.file, location=moved(one.draft.file.location, self._moves)))
            for one in photos
        )
        uris = {draft.uri for draft in drafts}
        if len(uris) != len(drafts) or any(one.external_id != listed.venue.external_id for one in photos):
            raise InputError(
                f"{self._path(layout.PHOTOS)}: venue {listed.venue.external_id!r}: found two photos of one uri, or of "
                "another venue's name, expected each uri once"
            )
        self._look_for(drafts)
        source = None if listed.source is None else moved_source(listed.source, self._moves)
        return CarriedVenue(draft=VenueDraft(venue=listed.venue, source=source, photos=drafts), embeddings=embeddings)

    def _look_for(self, drafts: Sequence[Any]) -> None:
        """See whether the first original that lies in place is where it should be."""
        place = next((one.file.location for one in drafts if Path(one.file.location).is_absolute()), None)
        if place is not None:
            self._report.looked_for += 1
            self._report.not_there += not Path(place).exists()

    def _photos(self) -> Iterator[tuple[int, ListedPhoto]]:
        for place, row in self._rows(layout.PHOTOS):
            listed = photo_of(row, place)
            yield listed.venue, listed

    def _rows(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (place for messages, row) of a table of the export."""
        columns = layout.VENUE_COLUMNS if name == layout.VENUES else layout.PHOTO_COLUMNS
        rows = read_rows(self._path(name), columns, self._manifest.files[name])
        for number, row in enumerate(rows, start=1):
            yield f"{self._path(name)}: row {number} ({str(row['external_id'])[:80]!r})", row

    def _path(self, name: str) -> Path:
        return self._folder / name
