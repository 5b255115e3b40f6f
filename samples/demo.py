"""The demo: `make demo`. Database, sample venues, ingestion, three questions. A second run takes seconds."""

import sys
from pathlib import Path

from rich.console import Console

from ingest.options import RunOptions
from ingest.runner import ingest
from ingest.sources import open_source
from ingest.terminal import TerminalProgress, show
from samples import DEMO_QUERIES, STAND_IN_QUERIES
from samples.build import CACHE, build
from venuefinder.bootstrap import Services
from venuefinder.errors import VenueFinderError
from venuefinder.settings import load_settings
from venuefinder.store.schema import upgrade
from venuefinder.terminal import plain
from venuefinder.terminal_search import show_answer

NEXT = """
Your turn:
  .venv/bin/venuefinder search "a quiet garden by the water for 40 guests, no stage"
  .venv/bin/venuefinder search --image YOUR_PHOTO.jpg
  .venv/bin/venuefinder ingest YOUR_FOLDER      one sub-folder a venue
  make serve                                    the page, at http://127.0.0.1:8000, and the HTTP API
  .venv/bin/venuefinder doctor                  what works here, and what would help

These answers come from the starter encoder, which is small and modest. For CLIP or SigLIP quality set, with access
to a model hub: VENUEFINDER_ENCODER=open_clip:ViT-B-16-SigLIP2/webli, and ingest again.
"""


def main() -> int:
    """Run the demo and return the exit code."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        with Services(load_settings()) as services:
            run(services, console)
    except VenueFinderError as error:
        console.print(f"[red]error:[/] {plain(error)}")
        return error.exit_code
    return 0


def run(services: Services, console: Console) -> None:
    """Build, ingest and search."""
    upgrade(services.unchecked_database)
    console.print(f"database: {plain(services.database.where)}")
    folder = services.settings.data_dir / "samples"
    contents = build(folder, cache=CACHE, console=console)
    source = open_source(Path(folder))
    with TerminalProgress(source) as progress:
        progress.say(f"encoder: {services.encoder.space.name}")
        report = ingest(source, services, progress, RunOptions(prune=True))
    show(report)
    for request in DEMO_QUERIES if contents == "venues" else STAND_IN_QUERIES:
        Console().print()
        show_answer(request, services.search.answer(request.model_copy(update={"limit": 5})))
    Console(highlight=False, soft_wrap=True).print(plain(NEXT))


if __name__ == "__main__":
    sys.exit(main())
