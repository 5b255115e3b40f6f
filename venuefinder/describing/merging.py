"""What models say of single photos, and what the listing says, merged into claims about the venue. Pure, no I/O.

A claim is `seen` only where a question of its own, asked of the photo that shows it, was answered with yes. The more
verdicts are given the better: a photo that is added, with what was answered about it, never takes a seen claim away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, get_args

from venuefinder.amenity_words import key_of, plain
from venuefinder.answers import Status
from venuefinder.describing.attribute_questions import question_for
from venuefinder.describing.attribute_statements import said_of, stated_values
from venuefinder.describing.description import Attribute, Claim
from venuefinder.describing.summaries import summary as summary
from venuefinder.domain import Venue
from venuefinder.statements import Said, Statements
from venuefinder.vision.photo_reading import PhotoReport, Verdict, YesNo

ATTRIBUTES: Final[tuple[Attribute, ...]] = get_args(Attribute)
STATUSES: Final[tuple[Status, ...]] = ("seen", "contradicted", "stated", "unknown")
"""In the order of claims."""
PHOTOS_A_VALUE = 2
"""Photos that are asked about one value: a second chance for what the first does not show plainly."""
OPINIONS: Final[frozenset[Attribute]] = frozenset({"ambience", "suitability", "warnings"})
"""No photo contradicts a listing here: a hall may suit parties and its owner still want none."""
Verdicts = Mapping[tuple[int, YesNo], Verdict]
Key = tuple[Attribute, tuple[str, ...]]
"""Claims with the same key are one claim."""


class Check(NamedTuple):
    """The question that checks what a photo is reported to show."""

    photo_id: int
    attribute: Attribute
    value: str
    question: YesNo


@dataclass(frozen=True, slots=True)
class _Evidence:
    """A photo that is reported to show a value, and what its own question said."""

    photo_id: int
    value: str
    yes: bool | None
    probability: float | None

    @property
    def strength(self) -> tuple[int, float, int]:
        """Greater is better; of equals, the photo that was there first."""
        certainty = {True: 2, None: 1, False: 0}[self.yes]
        return certainty, -1.0 if self.probability is None else self.probability, -self.photo_id


def questions(reports: Mapping[int, PhotoReport]) -> list[Check]:
    """Return what to ask to check the reports: of each value reported, the first two photos by id that report it.

    By id, so that a photo added later changes nothing that was asked before.
    """
    asked: list[Check] = []
    for checks in _reported(reports).values():
        asked += sorted(checks)[:PHOTOS_A_VALUE]
    return sorted(asked, key=lambda check: (check.photo_id, ATTRIBUTES.index(check.attribute), check.value))


def claims(
    venue: Venue, captions: Sequence[str], reports: Mapping[int, PhotoReport], verdicts: Verdicts, seen: float
) -> list[Claim]:
    """Merge reports by photo id, the verdicts on their questions, and the listing: one claim for each thing said.

    A verdict is a yes where it says so with a probability of at least `seen`, or with none at all. Verdicts without a
    report of the same photo are ignored. Order: attribute, status, falling probability, value.
    """
    statements = Statements.of(venue, captions)
    stated = {_key(attribute, value): value for attribute, value in sorted(stated_values(statements), reverse=True)}
    shown = {key: [_evidence(check, verdicts, seen) for check in found] for key, found in _reported(reports).items()}
    merged = [_claim(key, shown.get(key, []), stated.get(key), statements) for key in shown.keys() | stated.keys()]
    return sorted(merged, key=_place)


def _reported(reports: Mapping[int, PhotoReport]) -> dict[Key, list[Check]]:
    """Return every value with the checks of all photos that report it."""
    found: dict[Key, list[Check]] = {}
    for photo_id, report in reports.items():
        for attribute in ATTRIBUTES:
            for value in _values(attribute, getattr(report, attribute)):
                check = Check(photo_id, attribute, value, question_for(attribute, value))
                found.setdefault(_key(attribute, value), []).append(check)
    return found


def _values(attribute: Attribute, values: Iterable[str]) -> list[str]:
    """Return each value once, an amenity by its plain name."""
    if attribute != "amenities":
        return list(dict.fromkeys(values))
    names = {key_of(name): name for value in sorted(values, reverse=True) if (name := plain(value)) is not None}
    return list(names.values())


def _key(attribute: Attribute, value: str) -> Key:
    return attribute, key_of(value) if attribute == "amenities" else (value,)


def _evidence(check: Check, verdicts: Verdicts, seen: float) -> _Evidence:
    verdict = verdicts.get((check.photo_id, check.question), Verdict(None))
    unsure = verdict.yes is True and verdict.probability is not None and verdict.probability < seen
    return _Evidence(check.photo_id, check.value, None if unsure else verdict.yes, verdict.probability)


def _claim(key: Key, evidence: Sequence[_Evidence], stated: str | None, statements: Statements) -> Claim:
    best = max(evidence, key=lambda one: one.strength, default=None)
    attribute, value = key[0], stated or min(one.value for one in evidence)
    denied = stated is None and said_of(statements, attribute, value) is Said.HAS_NOT
    if best is None or (stated is not None and best.yes is False):  # it was asked, and does not even seem to show it
        return Claim(attribute=attribute, value=value, status="stated")
    return Claim(
        attribute=attribute,
        value=value,
        status=_status(attribute, yes=best.yes is True, stated=stated is not None, denied=denied),
        photo_id=best.photo_id,
        probability=None if best.probability is None else round(best.probability, 4),
    )


def _status(attribute: Attribute, *, yes: bool, stated: bool, denied: bool) -> Status:
    if yes and denied:
        return "unknown" if attribute in OPINIONS else "contradicted"
    if yes:
        return "seen"
    return "stated" if stated else "unknown"


def _place(claim: Claim) -> tuple[int, int, float, str]:
    return (
        ATTRIBUTES.index(claim.attribute),
        STATUSES.index(claim.status),
        -(claim.probability or 0.0),
        claim.value,
    )
