"""Upsert and remove venues with their photos. `PUT` of a venue and bulk ingestion share it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Literal, Protocol

from venuefinder.descriptions import chunks_of, told_by
from venuefinder.errors import NotFoundError
from venuefinder.protocols import TextEncoder
from venuefinder.records import Chunk, PhotoDraft, StoredSpace, StoredVenue, VenueDraft

Change = Literal["new", "updated", "unchanged"]


class VenueStore(Protocol):
    """What the catalogue asks of the store. Each call is one transaction."""

    def known(self, external_ids: Collection[str], space: StoredSpace | None = None) -> Mapping[str, StoredVenue]:
        """Return those of the venues that are stored, by external id."""

    def write(self, drafts: Sequence[VenueDraft], space: StoredSpace) -> Collection[str]:
        """Insert or update all of them, or none; raises ListingError for what the database refuses.

        Returns those without `chunks` whose description another writer changed meanwhile: they want writing again.
        """

    def add_photos(self, external_id: str, drafts: Sequence[PhotoDraft], space: StoredSpace) -> None:
        """Insert or update photos of one stored venue, or raise NotFoundError."""

    def remove(self, external_ids: Collection[str]) -> int:
        """Remove venues; return how many there were."""

    def remove_photos(self, photo_ids: Collection[int]) -> int:
        """Remove photos; return how many there were."""


class Catalogue:
    """The venues of one database, embedded in one space."""

    def __init__(self, store: VenueStore, texts: TextEncoder, space: StoredSpace) -> None:
        self._store = store
        self._texts = texts
        self.space = space

    def known(self, external_ids: Collection[str]) -> Mapping[str, StoredVenue]:
        """Return those of the venues that are stored, by external id."""
        return self._store.known(external_ids, self.space)

    def require(self, external_id: str) -> StoredVenue:
        """Return one venue; raises NotFoundError."""
        if found := self.known([external_id]).get(external_id):
            return found
        raise NotFoundError(f"venue {external_id!r}: not in this catalogue; PUT it first, or ingest it")

    def upsert(self, drafts: Sequence[VenueDraft]) -> dict[str, Change]:
        """Store the drafts in one transaction, and return what became of each venue.

        Photos that a draft does not name stay. Descriptions are embedded where they changed, or have no embeddings
        in this space yet; what is already as the draft says is not written again. Raises ListingError, with nothing
        written, when the database refuses a value.
        """
        known = self.known([draft.venue.external_id for draft in drafts])
        changes = {draft.venue.external_id: change_of(draft, known.get(draft.venue.external_id)) for draft in drafts}
        due = [
            draft for draft in drafts if changes[draft.venue.external_id] != "unchanged" or _undescribed(draft, known)
        ]
        while due:
            untold = self._store.write(self._described(due, known), self.space)
            due = [draft for draft in due if draft.venue.external_id in untold]
            known = self.known(untold)
        return changes

    def add_photos(self, external_id: str, drafts: Sequence[PhotoDraft]) -> None:
        """Add photos to a stored venue, whatever else is written of it meanwhile; raises NotFoundError."""
        self._store.add_photos(external_id, drafts, self.space)

    def remove(self, external_ids: Collection[str]) -> int:
        """Remove venues with all that belongs to them; return how many there were."""
        return self._store.remove(external_ids)

    def remove_photos(self, photo_ids: Collection[int]) -> int:
        """Remove photos with their embeddings; return how many there were."""
        return self._store.remove_photos(photo_ids)

    def _described(self, drafts: Sequence[VenueDraft], known: Mapping[str, StoredVenue]) -> list[VenueDraft]:
        """Return the drafts with their descriptions embedded, all texts in one call."""
        length = self.space.space.facts.context_length
        texts: dict[str, list[str]] = {}
        for draft in drafts:
            stored = known.get(draft.venue.external_id)
            if stored is None or not stored.described or told_by(stored.venue) != told_by(draft.venue):
                texts[draft.venue.external_id] = chunks_of(draft.venue, self._texts.count_tokens, length)
        vectors = iter(self._texts.encode_texts([text for chunks in texts.values() for text in chunks]))
        chunks = {
            external_id: tuple(Chunk(content=text, embedding=next(vectors)) for text in of_venue)
            for external_id, of_venue in texts.items()
        }
        return [replace(draft, chunks=chunks.get(draft.venue.external_id)) for draft in drafts]


def change_of(draft: VenueDraft, stored: StoredVenue | None) -> Change:
    """Compare a draft with what is stored: its own fields, its source, and whether it brings photos."""
    if stored is None:
        return "new"
    same = stored.venue == draft.venue and stored.source == draft.source and not draft.photos
    return "unchanged" if same else "updated"


def _undescribed(draft: VenueDraft, known: Mapping[str, StoredVenue]) -> bool:
    stored = known.get(draft.venue.external_id)
    return bool(draft.venue.description) and (stored is None or not stored.described)
