"""Embedding spaces: which one serves, whether this machine follows it, and which are not full."""

from venuefinder.bootstrap import Services
from venuefinder.doctor.check import Step, Verdict, ok, warning

LIST = "run: venuefinder spaces list"


def steps(services: Services) -> list[Step]:
    """Return what to look at."""
    usable = ("database", "pgvector", "schema")
    return [
        Step("serving space", lambda: _serving(services), LIST, needs=usable),
        Step("other spaces", lambda: _others(services), LIST, needs=usable),
    ]


def _serving(services: Services) -> Verdict:
    active = services.activations.active()
    if active is None:
        return ok("none yet: the first one that is filled")
    if pinned := services.pin_warning():
        return warning(pinned, "empty VENUEFINDER_ENCODER, and start again what runs with it")
    missing = services.fills.missing(active)
    if missing:
        name = active.space.name
        return warning(f"{name}; {missing} have no embeddings in it", f"run: venuefinder spaces backfill {name}")
    return ok(active.space.name)


def _others(services: Services) -> Verdict:
    others = [state for state in services.fills.states() if state.role != "active"]
    if not others:
        return ok("none")
    unfinished = [state for state in others if state.missing]
    if not unfinished:
        return ok(f"{len(others)}, with nothing missing")
    named = ", ".join(f"{state.stored.space.name} ({state.missing})" for state in unfinished)
    name = unfinished[-1].stored.space.name
    return warning(
        f"not full, so that activating one would hide photos: {named}",
        f"run: venuefinder spaces backfill {name}; or venuefinder spaces drop {name}, if you do not want it",
    )
