"""Export and import catalogues of tests."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from venuefinder.bootstrap import Services
from venuefinder.commands.transfer import destination
from venuefinder.store.snapshots import SnapshotRepository
from venuefinder.transfer.exporting import ExportReport, export
from venuefinder.transfer.importing import ImportReport, import_catalogue
from venuefinder.transfer.locations import Move
from venuefinder.transfer.originals import Store as Originals
from venuefinder.transfer.progress import Quiet


def exported(
    services: Services, folder: Path, *, every: bool = True, originals: Originals | None = None
) -> ExportReport:
    """Export the catalogue, with all spaces or the one that serves."""
    active = services.activations.active()
    keys = None if every or active is None else {active.space.key}
    return export(SnapshotRepository(services.database), folder, keys, Quiet(), originals)


def imported(services: Services, folder: Path, *roots: str) -> ImportReport:
    """Import an export."""
    return import_catalogue(folder, destination(services), [Move.parsed(root) for root in roots], Quiet())


def signed_anew(folder: Path) -> None:
    """Bring the manifest's hashes and sizes to what the files are now: as one would who forges an export."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    for name, facts in manifest["files"].items():
        data = (folder / name).read_bytes()
        facts |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    path.write_text(json.dumps(manifest))


def rewritten(path: Path, change: Callable[[list[dict[str, Any]]], Sequence[dict[str, Any]]]) -> None:
    """Change the rows of a table."""
    table = pq.read_table(path)
    rows = change(table.to_pylist())
    pq.write_table(pa.Table.from_pylist(list(rows), table.schema), path)
    manifest_path = next(parent / "manifest.json" for parent in path.parents if (parent / "manifest.json").exists())
    manifest = json.loads(manifest_path.read_text())
    manifest["files"][str(path.relative_to(manifest_path.parent))]["rows"] = len(rows)
    manifest_path.write_text(json.dumps(manifest))


def everything(services: Services) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that a catalogue holds, numbers of rows and times left out."""
    with services.database.connect() as connection:
        return {name: [tuple(row) for row in connection.exec_driver_sql(query)] for name, query in EVERYTHING.items()}


EVERYTHING = {
    "venues": """
        SELECT to_jsonb(v) - '{id,created_at,updated_at}'::text[] FROM venues v ORDER BY v.external_id
    """,
    "rooms": """
        SELECT v.external_id, to_jsonb(r) - '{id,venue_id}'::text[]
        FROM rooms r JOIN venues v ON v.id = r.venue_id ORDER BY v.external_id, r.position
    """,
    "photos": """
        SELECT v.external_id, to_jsonb(p) - '{id,venue_id,created_at,duplicate_of}'::text[], d.uri
        FROM photos p JOIN venues v ON v.id = p.venue_id LEFT JOIN photos d ON d.id = p.duplicate_of
        ORDER BY v.external_id, p.uri
    """,
    "looks": "SELECT to_jsonb(l) FROM photo_looks l ORDER BY l.content_hash",
    "photo embeddings": """
        SELECT s.key, v.external_id, p.uri, e.view, e.embedding::text
        FROM photo_embeddings e JOIN photos p ON p.id = e.photo_id AND p.venue_id = e.venue_id
        JOIN venues v ON v.id = p.venue_id JOIN embedding_spaces s ON s.id = e.space_id ORDER BY 1, 2, 3, 4
    """,
    "description embeddings": """
        SELECT s.key, v.external_id, e.chunk, e.content, e.embedding::text
        FROM description_embeddings e JOIN venues v ON v.id = e.venue_id
        JOIN embedding_spaces s ON s.id = e.space_id ORDER BY 1, 2, 3
    """,
    "tags": """
        SELECT s.key, v.external_id, p.uri, t.version, t.tags, t.probabilities
        FROM photo_tags t JOIN photos p ON p.id = t.photo_id JOIN venues v ON v.id = p.venue_id
        JOIN embedding_spaces s ON s.id = t.space_id ORDER BY 1, 2, 3
    """,
    "spaces": "SELECT to_jsonb(s) - '{id,created_at}'::text[] FROM embedding_spaces s ORDER BY s.key",
    "fusions": """
        SELECT s.key, m.key, m.backend, m.model, to_jsonb(f) - '{space_id,model_id,created_at}'::text[]
        FROM rerank_fusions f JOIN embedding_spaces s ON s.id = f.space_id JOIN vision_models m ON m.id = f.model_id
        ORDER BY s.key, m.key
    """,
}
