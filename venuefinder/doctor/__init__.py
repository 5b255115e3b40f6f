"""Says whether this installation works, and the remedy for whatever does not."""

from collections.abc import Iterator
from pathlib import Path

from venuefinder.bootstrap import Services
from venuefinder.doctor import catalogue, index, machine, model
from venuefinder.doctor.check import Check, carried_out

__all__ = ["Check", "check_models", "diagnose"]


def diagnose(services: Services) -> Iterator[Check]:
    """Look at everything, one check after the other. Never raises: what goes wrong is a failed check.

    An embedded database that does not exist yet is made, as any other command would.
    """
    in_database = [*catalogue.steps(services), *index.steps(services)]
    return carried_out([*machine.steps(services.settings), *model.steps(services), *in_database])


def check_models(services: Services, record: Path | None) -> Iterator[Check]:
    """Run the encoder on known photos and texts; with `record`, append the figures to that file. Never raises."""
    from venuefinder.doctor.known_answers import examine

    return examine(services, record)
