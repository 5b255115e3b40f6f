"""The database and what is in it: schema, embeddings, runs, originals."""

import shlex

from venuefinder.bootstrap import Services
from venuefinder.doctor.check import Step, Verdict, failed, ok, warning

SHOWN = 3
"""Names given as examples of many."""
INGEST = "run: venuefinder ingest PATH"
TIDY = "run: venuefinder tidy"


def steps(services: Services) -> list[Step]:
    """Return what to look at in the database."""
    usable = ("database", "pgvector", "schema")
    return [
        Step("database", lambda: _server(services), "start it, or correct DATABASE_URL; unset: the embedded one"),
        Step("pgvector", lambda: _extension(services), "install pgvector 0.8.4 or newer", needs=usable[:1]),
        Step("schema", lambda: _schema(services), "run: venuefinder init", needs=usable[:2]),
        Step("embeddings", lambda: _embeddings(services), INGEST, needs=("encoder", *usable)),
        Step("looks", lambda: _looks(services), TIDY, needs=usable),
        Step("kinds of photos", lambda: _kinds(services), TIDY, needs=("encoder", *usable)),
        Step("ingestion runs", lambda: _runs(services), INGEST, needs=usable),
        Step("originals", lambda: _originals(services), INGEST, needs=usable),
    ]


def _server(services: Services) -> Verdict:
    database = services.unchecked_database
    return ok(f"{database.where}, PostgreSQL {database.facts().server_version}")


def _extension(services: Services) -> Verdict:
    services.unchecked_database.check()
    return ok(f"{services.unchecked_database.facts().extension_version}")


def _schema(services: Services) -> Verdict:
    from venuefinder.store.schema import current

    return ok(f"revision {current(services.database)}")


def _embeddings(services: Services) -> Verdict:
    venues, photos = services.venues.counts()
    if not photos:
        return warning(f"{venues} venues, no photos", INGEST)
    ours = services.encoder.space
    counts = {stored.space: services.spaces.count(stored) for stored in services.spaces.all()}
    others = [f"{count:,} in {space.name}" for space, count in counts.items() if space.key != ours.key]
    embedded = next((count for space, count in counts.items() if space.key == ours.key), 0)
    found = f"{embedded:,} of {photos:,} photos ({venues:,} venues) in {ours.name}"
    found += f"; also {', '.join(others)}" if others else ""
    if not embedded:
        return failed(found, f"{INGEST}; or set VENUEFINDER_ENCODER to the encoder that has them")
    return warning(found, f"{INGEST}: it embeds what is missing") if embedded < photos else ok(found)


def _looks(services: Services) -> Verdict:
    due = services.looks.count_due()
    if not due:
        return ok("every photo was looked at by this version")
    return warning(f"{due:,} photos were not looked at by this version: their flags and copies are of old", TIDY)


def _kinds(services: Services) -> Verdict:
    if services.spaces.find(services.encoder.space) is None:
        return ok("no photo to tell them of")
    due = services.tagging.count()
    return warning(f"{due:,} photos are not tagged, or of old", TIDY) if due else ok("every photo was tagged")


def _runs(services: Services) -> Verdict:
    unfinished = services.runs.unfinished()
    if not unfinished:
        return ok("none was left unfinished")
    named = ", ".join(f"{run.source} ({run.state}, {run.started_at:%Y-%m-%d %H:%M})" for run in unfinished[:SHOWN])
    found = f"{len(unfinished)} sources were not read to their end: {named}"
    return warning(found, f"run: venuefinder ingest {shlex.quote(unfinished[0].source)}; it goes on where it stopped")


def _originals(services: Services) -> Verdict:
    total, elsewhere, missing = 0, 0, []
    for external_id, photo in services.venues.originals():
        total += 1
        if services.originals.remote(photo.file):
            elsewhere += 1
        elif not services.originals.there(photo):
            missing.append(f"{external_id}/{photo.uri} ({photo.file.location})")
    found = f"; {elsewhere:,} on the web or in buckets were not looked at" if elsewhere else ""
    if not missing:
        return ok(f"all {total - elsewhere:,} are there{found}")
    named = ", ".join(missing[:SHOWN])
    return failed(
        f"{len(missing):,} of {total:,} are missing or not readable: {named}{found}",
        "bring the files back; or run: venuefinder ingest PATH --prune, which forgets them; uploads: upload them again",
    )
