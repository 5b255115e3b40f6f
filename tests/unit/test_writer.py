"""When the writer hands a group to the catalogue."""

import json
from collections.abc import Sequence
from pathlib import Path

from ingest.pipeline import EncodedVenue
from ingest.planner import plan
from ingest.report import Report
from ingest.sources import FoundVenue, open_source
from ingest.tally import Tally
from ingest.writer import GROUP_SECONDS, GROUP_VENUES, Writer
from venuefinder.catalogue import Change
from venuefinder.records import VenueDraft


class Stored:
    """Notes what comes in which group."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []

    def upsert(self, drafts: Sequence[VenueDraft]) -> dict[str, Change]:
        """Take all."""
        self.groups.append([draft.venue.external_id for draft in drafts])
        return dict.fromkeys(self.groups[-1], "new")


def encoded(folder: Path, *, venues: int) -> list[EncodedVenue]:
    listed = folder / "venues.jsonl"
    lines = [
        json.dumps({"external_id": f"v{number:03}", "name": f"V {number}", "photos": ["a.jpg"]})
        for number in range(venues)
    ]
    listed.write_text("\n".join(lines))
    found = [one for one in open_source(listed) if isinstance(one, FoundVenue)]
    return [EncodedVenue(plan(one, None, source="s", verify=False)) for one in found]


def test_a_slow_group_is_written_before_it_is_full(tmp_path: Path) -> None:
    stored, report, now = Stored(), Report(), 0.0
    with Writer(stored, Tally(report, lambda _: None), clock=lambda: now) as writer:
        for seconds, venue in zip([0.0, 1.0, GROUP_SECONDS, 100.0], encoded(tmp_path, venues=4), strict=True):
            now = seconds
            writer.add(venue)

    assert stored.groups == [["v000", "v001", "v002"], ["v003"]]
    assert report.venues.new == 4


def test_a_fast_one_waits_until_it_is(tmp_path: Path) -> None:
    stored = Stored()
    with Writer(stored, Tally(Report(), lambda _: None), clock=lambda: 0.0) as writer:
        for venue in encoded(tmp_path, venues=GROUP_VENUES + 1):
            writer.add(venue)

    assert [len(group) for group in stored.groups] == [GROUP_VENUES, 1]
