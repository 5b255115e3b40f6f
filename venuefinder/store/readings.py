"""What vision-language models read of photos, kept by the photo's content and all that shapes the model's answers.

The same picture in two venues is read once, and a photo that is added costs one photo. What no photo has any more is
deleted with the last of them (`forget_unused`).
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from pydantic import ValidationError

from venuefinder.store.database import Database
from venuefinder.store.driver import driver_of
from venuefinder.vision.photo_reading import Asked, ModelIdentity, PhotoReport, Verdict

MOST_FORGOTTEN = 1_000
"""Expired verdicts that storing others deletes on the way."""
KNOW = """
INSERT INTO vision_models (key, backend, model) SELECT %(key)s, %(backend)s, %(model)s
WHERE NOT EXISTS (SELECT FROM vision_models WHERE key = %(key)s) ON CONFLICT DO NOTHING
"""
OF_MODEL = "model_id = (SELECT id FROM vision_models WHERE key = %(key)s)"
REPORTS = f"SELECT content_hash, report FROM photo_reports WHERE {OF_MODEL} AND content_hash = ANY(%(photos)s::bytea[])"  # noqa: S608 - a condition of ours
KEEP_REPORTS = """
INSERT INTO photo_reports (content_hash, model_id, report)
SELECT given.content_hash, m.id, given.report
FROM unnest(%(photos)s::bytea[], %(reports)s::jsonb[]) AS given (content_hash, report),
     vision_models m WHERE m.key = %(key)s
ORDER BY given.content_hash
ON CONFLICT (content_hash, model_id) DO UPDATE SET report = excluded.report, created_at = now()
"""
VERDICTS = f"""
SELECT content_hash, question_hash, yes, probability, grade
FROM photo_verdicts JOIN unnest(%(photos)s::bytea[], %(questions)s::bytea[]) AS asked (content_hash, question_hash)
     USING (content_hash, question_hash)
WHERE {OF_MODEL} AND (expires_at IS NULL OR expires_at > now())
"""  # noqa: S608 - a condition of ours
FORGET_EXPIRED = """
DELETE FROM photo_verdicts WHERE (content_hash, model_id, question_hash) IN (
    SELECT content_hash, model_id, question_hash FROM photo_verdicts WHERE expires_at <= now()
    LIMIT %(most)s FOR UPDATE SKIP LOCKED)
"""
KEEP_VERDICTS = """
INSERT INTO photo_verdicts AS kept (content_hash, model_id, question_hash, yes, probability, grade, expires_at)
SELECT given.content_hash, m.id, given.question_hash, given.yes, given.probability, given.grade,
       now() + %(lifetime)s::interval
FROM unnest(%(photos)s::bytea[], %(questions)s::bytea[], %(yes)s::boolean[], %(probabilities)s::float8[],
            %(grades)s::float8[])
     AS given (content_hash, question_hash, yes, probability, grade), vision_models m WHERE m.key = %(key)s
ORDER BY given.content_hash, given.question_hash
ON CONFLICT (content_hash, model_id, question_hash) DO UPDATE
SET yes = excluded.yes, probability = excluded.probability, grade = excluded.grade,
    expires_at = CASE WHEN kept.expires_at IS NOT NULL THEN excluded.expires_at END
"""
FORGET = """
DELETE FROM {table} r WHERE (%(photos)s::bytea[] IS NULL OR r.content_hash = ANY(%(photos)s))
    AND NOT EXISTS (SELECT FROM photos p WHERE p.content_hash = r.content_hash)
"""


class ReadingRepository:
    """The readings of one database. What a method stores it stores in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reports(self, model: ModelIdentity, photos: Collection[bytes]) -> dict[bytes, PhotoReport]:
        """Return what this model reported of photos, by content hash. What was never read is absent.

        So is what another version of VenueFinder stored in words that are no longer ours.
        """
        with self._cursor() as cursor:
            rows = cursor.execute(REPORTS, {"key": model.key, "photos": list(photos)}).fetchall()
        found = ((bytes(content_hash), _report(stored)) for content_hash, stored in rows)
        return {content_hash: report for content_hash, report in found if report is not None}

    def keep_reports(self, model: ModelIdentity, reports: Mapping[bytes, PhotoReport]) -> None:
        """Store reports by content hash, in place of those before."""
        stored = [Jsonb(report.model_dump(mode="json")) for report in reports.values()]
        with self._cursor(writing=model) as cursor:
            cursor.execute(KEEP_REPORTS, {"key": model.key, "photos": list(reports), "reports": stored})

    def verdicts(self, model: ModelIdentity, asked: Collection[Asked]) -> dict[Asked, Verdict]:
        """Return this model's answers, by content hash and question key; what was never asked is absent."""
        with self._cursor() as cursor:
            rows = cursor.execute(VERDICTS, {"key": model.key} | _columns(asked)).fetchall()
        return {(bytes(photo), bytes(question)): Verdict(*verdict) for photo, question, *verdict in rows}

    def keep_verdicts(
        self, model: ModelIdentity, verdicts: Mapping[Asked, Verdict], *, lifetime: timedelta | None = None
    ) -> None:
        """Store answers in place of those before; some that expired are deleted on the way.

        `lifetime` bounds what questions of strangers fill; without one an answer stays as long as a photo has that
        content, even where it is given again with one.
        """
        answers = {
            "yes": [verdict.yes for verdict in verdicts.values()],
            "probabilities": [verdict.probability for verdict in verdicts.values()],
            "grades": [verdict.grade for verdict in verdicts.values()],
            "lifetime": lifetime,
        }
        with self._cursor(writing=model) as cursor:
            cursor.execute(FORGET_EXPIRED, {"most": MOST_FORGOTTEN})
        # Apart: two that delete what the other is about to store again would wait for each other.
        with self._cursor(writing=model) as cursor:
            cursor.execute(KEEP_VERDICTS, {"key": model.key} | _columns(verdicts) | answers)

    def forget_unused(self, photos: Collection[bytes] | None = None, *, dry: bool = False) -> int:
        """Delete what was read of these contents, None: of any, that no photo has any more; return how much.

        `dry`: only count it.
        """
        parameters = {"photos": None if photos is None else list(photos)}
        with self._database.rehearse() if dry else self._database.begin() as connection:
            driver = driver_of(connection)
            return sum(
                driver.execute(FORGET.format(table=table), parameters).rowcount
                for table in ("photo_reports", "photo_verdicts")
            )

    @contextmanager
    def _cursor(self, *, writing: ModelIdentity | None = None) -> Iterator[psycopg.Cursor[Any]]:
        """Open a transaction; one that writes first sees to it that the model is known."""
        with self._database.begin() if writing else self._database.connect() as connection:
            driver = driver_of(connection)
            with driver.cursor() as cursor:
                if writing:
                    cursor.execute(KNOW, {"key": writing.key, "backend": writing.backend, "model": writing.model})
                yield cursor


def _columns(asked: Collection[Asked]) -> dict[str, Any]:
    return {"photos": [photo for photo, _ in asked], "questions": [question for _, question in asked]}


def _report(stored: Any) -> PhotoReport | None:
    try:
        return PhotoReport.model_validate(stored)
    except ValidationError:
        return None
