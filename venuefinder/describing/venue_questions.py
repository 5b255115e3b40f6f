"""Answer a question about one venue: from its photos what can be seen, from its listing what cannot, or not at all.

The question is a stranger's text. What it names becomes a yes/no question of ours with the words between marks, asked
of each photo alone; guests, prices, places and whatever has a number in it are judged by the listing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from venuefinder.answers import ClauseAnswer
from venuefinder.describing.asked_words import Opened, opened, pieces, question_of
from venuefinder.describing.describe import Photos
from venuefinder.describing.question_answer import (
    EMPTY,
    OPEN,
    Looked,
    QuestionAnswer,
    VenueQuestion,
    answered,
    unanswerable,
)
from venuefinder.errors import InputError, NotFoundError
from venuefinder.query.parse import interpret
from venuefinder.query.vocabulary import Gazetteer, Vocabulary
from venuefinder.request import VenueFilter
from venuefinder.searching.clauses import Clause, clauses_of, judge
from venuefinder.statements import Statements
from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_inputs import VenuePhotos
from venuefinder.vision.photo_reading import PhotoInput, Unread, Verdict, YesNo

ANSWERS_KEPT = timedelta(days=7)
"""Questions are strangers' words: what is kept of them must not grow for ever."""
MOST_LOOKED_FOR = 4
"""Things that photos are asked about: each is a question to every photo."""
Part = tuple[Clause, YesNo | None]
"""One thing asked, and how a model is asked for it; None where the listing alone can tell."""


@dataclass(frozen=True, slots=True)
class Words:
    """What questions are understood with."""

    vocabulary: Vocabulary
    gazetteer: Gazetteer


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What a model said, as the rule that says whether a photo shows a phrase (`clauses.Rule`)."""

    photo_id: int
    says_yes: bool
    likely: float
    """Its probability, or 1 for yes and 0 for no where the model gives none."""
    is_given: bool
    """Whether the model gave that probability."""
    least: float
    """From which on it counts as seen."""

    @classmethod
    def of(cls, photo: PhotoInput, verdict: Verdict, least: float) -> "_Verdict":
        """Return what was said of a photo."""
        says_yes, given = verdict.yes is True, verdict.probability
        likely = float(says_yes) if given is None else given
        return cls(photo.photo_id, says_yes, likely, given is not None, least)

    def seen(self, score: float) -> bool:
        """Return whether it is sure enough."""
        return self.says_yes and score >= self.least

    def probability(self, score: float) -> float:
        """Return it as it was given."""
        return score


class VenueQuestions:
    """Answers questions by one model, which should remember (`kept_readings`). Thread-safe.

    seen: probability from which on a photo is said to show something. most_photos: photos of a venue that are asked,
    the first ones of its listing.
    """

    def __init__(
        self, photos: Photos, model: VisionLanguageModel, words: Words, *, seen: float, most_photos: int
    ) -> None:
        self._photos = photos
        self._model = model
        self._words = words
        self._seen = seen
        self._most = most_photos

    def ask(self, external_id: str, asked: VenueQuestion, *, until: float | None = None) -> QuestionAnswer:
        """Answer a question, by the photos that can be asked by `until`, a moment of `time.monotonic()`.

        Raises NotFoundError, InputError for too many questions in one, and VisionUnavailableError where photos would
        have to be asked and the model does not answer.
        """
        venue = self._photos.of([external_id]).get(external_id)
        if venue is None:
            raise NotFoundError(f"venue {external_id!r}: not in this catalogue; PUT it first, or ingest it")
        about = opened(asked.question)
        if about is None:
            return unanswerable(external_id, asked.question, OPEN)
        parts = self._parts(about)
        if not parts:
            return unanswerable(external_id, asked.question, EMPTY)
        questions = [question for _, question in parts if question is not None]
        verdicts, looked = self._look(venue, questions, until)
        statements = Statements.of(venue.venue, venue.captions)
        marks = [self._mark(part, statements, verdicts) for part in parts]
        return answered(external_id, asked.question, marks, looked)

    def _parts(self, about: Opened) -> list[Part]:
        """Return what a question asks: what should be there, what should not, and what a listing states."""
        if not about.rest:
            return []
        words = self._words
        understood = interpret(about.rest, VenueFilter(), vocabulary=words.vocabulary, gazetteer=words.gazetteer)
        clauses = clauses_of(understood, VenueFilter())
        parts: list[Part] = [
            (Clause(text=piece.text, kind="visual", phrase=piece.text), piece.question)
            for piece in pieces(understood.text, about.form)
        ]
        parts += [(clause, question_of(clause.phrase)) for clause in clauses if clause.kind == "negative"]
        if sum(question is not None for _, question in parts) > MOST_LOOKED_FOR:
            raise InputError(
                f"question: asks for {len(parts)} things to see, at most {MOST_LOOKED_FOR}; ask them apart"
            )
        return parts + [(clause, None) for clause in clauses if clause.kind == "filter"]

    def _look(
        self, venue: VenuePhotos, questions: Sequence[YesNo], until: float | None
    ) -> tuple[Mapping[YesNo, Sequence[tuple[PhotoInput, Verdict]]], Looked | None]:
        """Ask every photo, and return its answers by question, and how many photos answered; None: none was asked."""
        if not questions:
            return {}, None
        photos = venue.photos[: self._most]
        answers = self._model.verdicts(photos, questions, until=until)
        read = [(photo, said) for photo, said in zip(photos, answers, strict=True) if not isinstance(said, Unread)]
        by_question = {
            question: [(photo, said[place]) for photo, said in read] for place, question in enumerate(questions)
        }
        return by_question, (len(read), len(venue.photos))

    def _mark(
        self, part: Part, statements: Statements, verdicts: Mapping[YesNo, Sequence[tuple[PhotoInput, Verdict]]]
    ) -> ClauseAnswer:
        clause, question = part
        found = verdicts.get(question, ()) if question else ()
        said = [_Verdict.of(photo, verdict, self._seen) for photo, verdict in found]
        best = max(said, key=lambda verdict: (verdict.says_yes, verdict.likely), default=None)
        mark = judge(clause, statements, (best.photo_id, best.likely) if best else None, best)
        return mark if best is None or best.is_given else mark.model_copy(update={"probability": None})
