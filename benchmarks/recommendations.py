"""How well recommendations find venues of the same kind, and how different a list is: against random, and other ways.

    python -m benchmarks.recommendations [--samples FOLDER] [--photos FOLDER]

On the sample venues, of which two are alike when they are of one family (below, written down before any of this was
measured): precision of the first three by one liked venue, for each way to compare photos, with and without
descriptions; how often a photo that is left out finds its own venue; what several liked venues find, by the greatest
likeness, their mean, and the mean of the venues themselves; and the intra-list distance at each diversity. With
`--photos`, a folder of the photos that `attribute_labels.csv` names: venues made of four photos of one setting each, of
which some are odd.
"""

import argparse
import csv
import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.venue_metrics import interval
from ingest.options import RunOptions
from ingest.progress import Quiet
from ingest.runner import ingest
from ingest.sources import open_source
from samples.build import CACHE, build
from venuefinder.bootstrap import Services
from venuefinder.errors import InputError
from venuefinder.images.decoding import decode_photo
from venuefinder.recommending.diversity import diversified, intra_list_distance
from venuefinder.recommending.likeness import Portraits, likeness, mutual, scales_of, sitter_of
from venuefinder.request import VenueFilter
from venuefinder.settings import load_settings
from venuefinder.store.portraits import PortraitGallery
from venuefinder.store.schema import upgrade

FAMILIES = {
    "home": ("private house", "villa", "apartment", "canal house", "country house", "loft"),
    "work": ("meeting space", "coworking space", "photo studio", "lounge"),
    "industry": ("warehouse", "factory", "workshop"),
    "food": ("restaurant", "bar", "café"),
    "public": ("ballroom", "foyer", "atrium", "gallery"),
    "water": ("lakeside", "waterfront", "piazza", "palace"),
    "nature": ("woodland", "field", "mountain hut", "outdoor"),
}
K, SEVERAL, DRAWS = 3, 4, 600
DIVERSITIES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
LABELS = Path(__file__).with_name("attribute_labels.csv")
BEST_PAIRS, MEAN_PHOTO = "mean of 3 best pairs", "mean photo"
DIGITS, OF_A_VENUE, LEAST, MOST, MAX_PIXELS = 16, 4, 12, 60, 100_000_000

Floats = NDArray[np.float64]
Photos = Sequence[NDArray[np.float32]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=Path, help="a folder that samples.build made; made anew by default")
    parser.add_argument("--photos", type=Path, help="a folder of photos with labelled settings")
    arguments = parser.parse_args()
    console = Console(width=140)
    with tempfile.TemporaryDirectory() as data:
        samples = arguments.samples or Path(data) / "samples"
        if build(samples, cache=CACHE, console=Console(stderr=True)) != "venues":
            raise InputError(f"{samples}: found stand-ins, expected the sample venues")
        settings = load_settings().model_copy(update={"data_dir": Path(data), "database_url": None})
        with Services(settings) as services:
            upgrade(services.unchecked_database)
            ingest(open_source(samples), services, Quiet(), RunOptions())
            portraits, families = sampled(services)
            for table in (kinds(portraits, families), left_out(portraits), several(portraits, families)):
                console.print(table)
            console.print(spread(portraits, families))
            if arguments.photos:
                console.print(odd_photos(*labelled(services, arguments.photos)))


def sampled(services: Services) -> tuple[Portraits, NDArray[np.str_]]:
    """Return the sample venues with the family of each."""
    with PortraitGallery(services.database).reading(services.spaces.require(services.encoder.space)) as reading:
        everything = reading.passing(VenueFilter())
        portraits = reading.portraits(reading.some(everything, limit=everything.total, without=(), seed=0))
    shown = services.venues.shown(dict.fromkeys(portraits.venue_ids))
    family_of = {kind: family for family, kinds_of in FAMILIES.items() for kind in kinds_of}
    venues = [shown[venue_id][0] for venue_id in portraits.venue_ids]
    return portraits, np.array([family_of.get(venue.kind or "", venue.external_id) for venue in venues])


def kinds(portraits: Portraits, families: NDArray[np.str_]) -> Table:
    """Compare ways to compare venues, by the share of the first three that are of the liked one's family."""
    photos = [portraits.photos_of(place) for place in range(len(families))]
    told = standard((portraits.told @ portraits.told.T).astype(np.float64))
    table = Table("", "photos alone", "with descriptions, 0.3", "over random", title=f"Same family @{K}, one liked")
    chance = np.random.default_rng(0)
    random = np.mean([precision(chance.random(told.shape), families).mean() for _ in range(200)])
    ways = {MEAN_PHOTO: mean_photos(photos), **{f"mean of {m} best pairs": best_pairs(photos, m) for m in (1, 2, 3)}}
    ways["mean of all photos' best pairs"] = best_pairs(photos, 10_000)
    for name, alike in ways.items():
        alone, both = (precision(score, families) for score in (alike, 0.7 * standard(alike) + 0.3 * told))
        table.add_row(name, with_interval(alone), with_interval(both), f"{both.mean() / random:.1f}")
    scales = scales_of(portraits)
    shipped = [likeness(sitter_of(portraits, place), portraits, scales) for place in range(len(families))]
    for name, alike in (("shipped", np.stack(shipped)), ("descriptions alone", told)):
        found = precision(alike, families)
        table.add_row(name, "", with_interval(found), f"{found.mean() / random:.1f}")
    table.add_row("random", "", f"{random:.3f}", "1.0")
    return table


def left_out(portraits: Portraits) -> Table:
    """Let each photo of a venue with several look for that venue, which lacks it then."""
    photos = [portraits.photos_of(place) for place in range(len(portraits.counts))]
    table = Table("", "its venue first", "among three", title="One photo left out, and liked")
    ways: dict[str, Callable[[NDArray[np.float32], NDArray[np.float32]], float]] = {
        "nearest photo (shipped)": lambda photo, rest: float((rest @ photo).max()),
        MEAN_PHOTO: lambda photo, rest: float(unit(rest.sum(axis=0)) @ photo),
        BEST_PAIRS: lambda photo, rest: float(np.sort(rest @ photo)[-3:].mean()),
    }
    for name, way in ways.items():
        places = []
        for own, of_venue in enumerate(photos):
            for left in range(len(of_venue) if len(of_venue) > 1 else 0):
                rest = [np.delete(one, left, axis=0) if place == own else one for place, one in enumerate(photos)]
                scores = np.array([way(of_venue[left], one) if len(one) else -1.0 for one in rest])
                places.append(int((scores > scores[own]).sum()))
        found = np.array(places)
        table.add_row(name, f"{(found < 1).mean():.3f}", f"{(found < 3).mean():.3f}")
    return table


def several(portraits: Portraits, families: NDArray[np.str_]) -> Table:
    """Compare ways to put several liked venues together."""
    scales, random = scales_of(portraits), np.random.default_rng(0)
    alike = np.stack([likeness(sitter_of(portraits, place), portraits, scales) for place in range(len(families))])
    names = [name for name in FAMILIES if (families == name).sum() >= K]
    ways: dict[str, Callable[[NDArray[np.int64]], Floats]] = {
        "greatest (shipped)": lambda liked: alike[liked].max(axis=0),
        "mean of likenesses": lambda liked: alike[liked].mean(axis=0),
        "mean of the venues": lambda liked: centroid(portraits, liked),
    }
    table = Table("", "two of a family", "two of two", "families found of two", title=f"Liked families @{SEVERAL}")
    draws = []
    for _ in range(DRAWS):
        one, other = random.choice(len(names), 2, replace=False)
        first, second = (random.permutation(np.flatnonzero(families == names[place])) for place in (one, other))
        draws.append((first[:2], np.array([first[0], second[0]])))
    for name, way in ways.items():
        same, mixed = ([hits(way(draw[which]), draw[which], families) for draw in draws] for which in (0, 1))
        shares = [f"{np.mean([share for share, _ in found]):.3f}" for found in (same, mixed)]
        table.add_row(name, *shares, f"{np.mean([covered for _, covered in mixed]):.3f}")
    return table


def spread(portraits: Portraits, families: NDArray[np.str_]) -> Table:
    """Show what diversity costs and gives: precision, and the intra-list distance of the first ten."""
    scales, number = scales_of(portraits), len(families)
    alike = mutual(portraits, list(range(number)), scales)
    cosines = (portraits.centres @ portraits.centres.T).astype(np.float64)
    table = Table("diversity", f"same family @{K}", "intra-list distance @10", "over random", title="Diversity")
    random = np.random.default_rng(0)
    by_chance = np.mean([intra_list_distance(cosines, random.permutation(number)[:10].tolist()) for _ in range(500)])
    for diversity in DIVERSITIES:
        precisions, distances = [], []
        for place in range(number):
            scores = likeness(sitter_of(portraits, place), portraits, scales)
            order = np.array([other for other in np.argsort(-scores) if other != place])
            pool = order[:30]
            picked = diversified(scores[pool], alike[np.ix_(pool, pool)], diversity=diversity, limit=10)
            chosen = pool[picked]
            distances.append(intra_list_distance(cosines, chosen.tolist()))
            if (families == families[place]).sum() > 1:
                precisions.append(float((families[chosen[:K]] == families[place]).mean()))
        distance = float(np.mean(distances))
        table.add_row(f"{diversity}", f"{np.mean(precisions):.3f}", f"{distance:.3f}", f"{distance / by_chance:.2f}")
    return table


def labelled(services: Services, folder: Path) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """Return the embeddings `[N, D]` and settings of the photos of a folder that are labelled and show a place."""
    with LABELS.open() as file:
        rows = list(csv.DictReader(file))
    unusable = {row["photo"] for row in rows if row["attribute"] == "warnings"}
    settings = {row["photo"]: row["shown"] for row in rows if row["attribute"] == "setting"}
    encoder, prepared, found = services.encoder, [], []
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        name = hashlib.sha256(content).hexdigest()[:DIGITS]
        if name in settings and name not in unusable:
            prepared.append(encoder.prepare(decode_photo(content, max_pixels=MAX_PIXELS).image))
            found.append(settings[name])
    batches = [encoder.encode_prepared(prepared[start : start + 32]) for start in range(0, len(prepared), 32)]
    return np.concatenate(batches)[:, 0], np.array(found)


def odd_photos(vectors: NDArray[np.float32], settings: NDArray[np.str_]) -> Table:
    """Compare ways on venues of four photos of one setting, some of which are of another."""
    names = [name for name in dict.fromkeys(settings.tolist()) if (settings == name).sum() >= LEAST]
    table = Table("odd photos of 4", MEAN_PHOTO, BEST_PAIRS, "best pair", "random", title="Same setting @5")
    for odd in (0, 1, 2):
        found: list[list[float]] = []
        for seed in range(6):
            random = np.random.default_rng(seed)
            photos, labels = made(vectors, settings, names, odd, random)
            ways = (mean_photos(photos), best_pairs(photos, 3), best_pairs(photos, 1))
            chance = random.random((len(labels), len(labels)))
            found.append([float(precision(way, labels, k=5).mean()) for way in (*ways, chance)])
        table.add_row(str(odd), *(f"{value:.3f}" for value in np.mean(found, axis=0)))
    return table


def made(
    vectors: NDArray[np.float32],
    settings: NDArray[np.str_],
    names: Sequence[str],
    odd: int,
    random: np.random.Generator,
) -> tuple[Photos, NDArray[np.str_]]:
    photos, labels, own = [], [], OF_A_VENUE - odd
    for name in names:
        places = random.permutation(np.flatnonzero(settings == name))[:MOST]
        others = np.flatnonzero(settings != name)
        for start in range(0, len(places) - own + 1, own):
            chosen = np.concatenate([places[start : start + own], random.choice(others, odd, replace=False)])
            photos.append(vectors[chosen])
            labels.append(name)
    return photos, np.array(labels)


def mean_photos(photos: Photos) -> Floats:
    means = np.stack([unit(of_venue.sum(axis=0)) for of_venue in photos])
    return (means @ means.T).astype(np.float64)


def best_pairs(photos: Photos, most: int) -> Floats:
    return np.array(
        [[np.sort((one @ other.T).max(axis=1))[-most:].mean() for other in photos] for one in photos], dtype=np.float64
    )


def centroid(portraits: Portraits, liked: NDArray[np.int64]) -> Floats:
    shown_, told = (rows @ unit(rows[liked].sum(axis=0)) for rows in (portraits.centres, portraits.told))
    return 0.7 * standard(shown_.astype(np.float64)) + 0.3 * standard(told.astype(np.float64))


def hits(scores: Floats, liked: NDArray[np.int64], families: NDArray[np.str_]) -> tuple[float, float]:
    """Return the share of the first few that are of a liked family, and of the liked families that are among them."""
    rest = np.argsort(-np.where(np.isin(np.arange(len(scores)), liked), -np.inf, scores))[:SEVERAL]
    wanted = set(families[liked].tolist())
    return float(np.isin(families[rest], list(wanted)).mean()), len(set(families[rest].tolist()) & wanted) / len(wanted)


def precision(alike: Floats, labels: NDArray[np.str_], k: int = K) -> Floats:
    """Return the share of the first `k` others with the same label, of each whose label another has."""
    alone = alike.copy()
    np.fill_diagonal(alone, -np.inf)
    first = np.argsort(-alone, axis=1)[:, :k]
    has_another = (labels[:, None] == labels[None, :]).sum(axis=1) > 1
    same: Floats = (labels[first] == labels[:, None]).mean(axis=1)
    return same[has_another]


def standard(values: Floats) -> Floats:
    return (values - values.mean()) / values.std()


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = vector / np.linalg.norm(vector)
    return found


def with_interval(values: Floats) -> str:
    low, high = interval(values)
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main()
