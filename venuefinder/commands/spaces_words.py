"""What `venuefinder spaces` says."""

from typing import Any

from rich.console import Console
from rich.table import Table

from venuefinder.records import StoredSpace
from venuefinder.spaces.space_states import Missing, SpaceState
from venuefinder.terminal import plain

COLUMNS = ("space", "serves", "encoder", "dimension", "photos", "descriptions", "index", "on disk", "made")
WIDE = 200
"""Characters a line where no terminal says how many it has: names stay whole for whatever reads them."""


def show_states(states: list[SpaceState]) -> None:
    """Print the spaces as a table; the newest last."""
    console = Console(highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDE
    if not states:
        console.print("there are no spaces yet; run: venuefinder ingest PATH")
        return
    table = Table(box=None, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, overflow="fold", no_wrap=column == "space")
    for state in states:
        table.add_row(*(plain(cell) for cell in _cells(state)))
    console.print(table)


def _cells(state: SpaceState) -> tuple[str, ...]:
    space = state.stored.space
    views = f", {space.facts.views} views" if space.facts.views > 1 else ""
    return (
        space.name,
        "" if state.role == "spare" else state.role,
        f"{space.encoder}{views}",
        str(space.dimension),
        _of(state.photos, state.missing.photos),
        _of(state.descriptions, state.missing.descriptions),
        ", ".join(state.indexes) or "none",
        f"{state.size / 1e6:,.1f} MB",
        f"{state.made_at:%Y-%m-%d %H:%M}",
    )


def _of(held: int, missing: int) -> str:
    return f"{held:,}, {missing:,} missing" if missing else f"{held:,}"


def state_json(state: SpaceState) -> dict[str, Any]:
    """Return a space as JSON values; sizes in bytes."""
    space = state.stored.space
    return {
        "space": space.name,
        "key": space.key,
        "role": state.role,
        "encoder": space.encoder,
        "dimension": space.dimension,
        "views": space.facts.views,
        "photos": {"embedded": state.photos, "missing": state.missing.photos},
        "descriptions": {"embedded": state.descriptions, "missing": state.missing.descriptions},
        "indexes": list(state.indexes),
        "bytes": state.size,
        "made_at": state.made_at.isoformat(),
    }


def created_words(stored: StoredSpace, *, is_new: bool, serves: bool) -> list[str]:
    """Return what `create` did, and what comes next."""
    name = stored.space.name
    if serves:
        return [f"space {name!r}: {'made; as the first one, it serves' if is_new else 'is there already, and serves'}"]
    done = "made, empty; another goes on serving" if is_new else "is there already"
    return [f"space {name!r}: {done}", f"next: venuefinder spaces backfill {name}"]


def serving_words(stored: StoredSpace, missing: Missing, warning: str | None) -> list[str]:
    """Return which space serves now, and what is left to do."""
    name = stored.space.name
    lines = [f"space {name!r} serves now; running servers follow within seconds"]
    if missing:
        lines.append(f"{missing} have no embeddings in it; run: venuefinder spaces backfill {name}")
    else:
        lines.append(f"what servers take until they follow is missing in it; run: venuefinder spaces backfill {name}")
    if stored.calibrator is None:
        lines.append("results carry no probability in it until you run: venuefinder calibrate PAIRS")
    return [*lines, *([warning] if warning else [])]
