"""Says whether this installation works, and the remedy for whatever does not."""

from collections.abc import Iterator
from pathlib import Path

from venuefinder.bootstrap import Services
from venuefinder.doctor import catalogue, index, jobs, machine, model, spaces, vision_setting
from venuefinder.doctor.check import Check, carried_out

__all__ = ["Check", "check_models", "diagnose"]


def diagnose(services: Services) -> Iterator[Check]:
    """Look at everything, one check after the other. Never raises: what goes wrong is a failed check.

    An embedded database that does not exist yet is made, as any other command would.
    """
    in_database = [step for part in (catalogue, spaces, index, jobs) for step in part.steps(services)]
    models = [*model.steps(services), *vision_setting.steps(services.settings)]
    return carried_out([*machine.steps(services.settings), *models, *in_database])


def check_models(services: Services, record: Path | None, *, compare_vlm: str | None = None) -> Iterator[Check]:
    """Run the encoder and the vision-language model on known photos. Never raises.

    With `record`, append the encoder's figures to that file. `compare_vlm` names another model, as VENUEFINDER_VLM
    does, that is to answer the same: the same weights in this process and served.
    """
    from venuefinder.doctor.known_answers import examine

    return examine(services, record, compare_vlm)
