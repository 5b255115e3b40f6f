"""Writes the questions of `venuefinder eval amenities` from the labels of the sample photos.

    python -m benchmarks.amenity_questions

For each photo as many questions whose answer is no as there are whose answer is yes. Those are chosen as POPE chooses
(Li et al. 2023), in turns: what most often appears together with what the photo shows (adversarial), what most photos
show (popular), and anything (random). Phrases on which people might differ for a photo are not asked of it.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path

LABELS = Path(__file__).with_name("photo_labels.json")
QUESTIONS = Path(__file__).parents[1] / "venuefinder" / "evaluation" / "amenities.jsonl"
SEED = 7
COUNTED = """
    bar counter, chandelier, floor lamp, neon sign, fireplace, leather sofa, sofa, coffee table, long dining table,
    wooden table, staircase, balcony, stage, wooden floor, parquet floor, concrete floor, television screen, whiteboard,
    reception desk, skylight, four-poster bed, piano, disco ball, pool table, wedding arch, buffet, DJ booth,
    projector screen, spiral staircase, bathtub, sauna, mirror, escalator, swimming pool, hot tub, garden, lawn,
    fountain, statue, terrace, picnic table, fire pit, barbecue, playground, tennis court, pier, marble wall
"""
UNCOUNTED = """
    string lights, pendant lights, wall lights, exposed brick walls, armchairs, round tables, rows of chairs,
    bar stools, benches, potted plants, flowers, curtains, large windows, glass walls, carpets, concrete pillars,
    wooden ceiling beams, framed pictures, laptops on a table, candles, white tablecloths, balloons, theatre seats,
    climbing plants on the wall, boats, palm trees, parking spaces, stained glass windows
"""
DOUBTFUL = {
    "bough-house/house-and-tree-at-dusk.jpg": ("wooden floor",),
    "bough-house/lawn-and-pavilion.jpg": ("wooden floor",),
    "lime-foyer/view-144.jpg": ("large windows",),
    "lime-foyer/view-288.jpg": ("large windows",),
    "saddle-room/front-room.jpg": ("large windows", "wooden floor"),
}
"""Phrases on which people might differ for these photos, beside those that the labels call unsure."""

Labels = Mapping[str, Mapping[str, Sequence[str]]]


def main() -> None:
    lines = [json.dumps(question) for question in questions()]
    QUESTIONS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{QUESTIONS}: {len(lines)} questions")


def questions() -> Iterator[dict[str, object]]:
    """Yield the questions photo by photo, in POPE's format."""
    phrases = dict(_phrases())
    labels = {entry["phrase"]: entry for entry in json.loads(LABELS.read_text()) if entry["phrase"] in phrases}
    kinds, number = cycle(("adversarial", "popular", "random")), 0
    choice = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    for photo in sorted({photo for entry in labels.values() for photo in entry["shown"]}):
        shown = [phrase for phrase in labels if photo in labels[phrase]["shown"]]
        absent = _absent(photo, shown, labels, choice)
        chosen = [absent(kind) for kind in islice(kinds, len(shown))]
        for phrase, label in [(phrase, "yes") for phrase in shown] + [(phrase, "no") for phrase in chosen]:
            number += 1
            text = f"Does this photo show {phrases[phrase]}?"
            yield {"question_id": number, "image": photo, "text": text, "label": label}


def _phrases() -> Iterator[tuple[str, str]]:
    """Yield each label's phrase with its article."""
    for phrase in (part.strip() for part in COUNTED.split(",")):
        yield phrase, f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"
    yield from ((phrase, phrase) for phrase in (part.strip() for part in UNCOUNTED.split(",")))


def _absent(photo: str, shown: Sequence[str], labels: Labels, choice: random.Random) -> Callable[[str], str]:
    """Return what chooses, by kind, a phrase that the photo surely does not show; another one each time."""
    doubtful = DOUBTFUL.get(photo, ())
    seen = {phrase for phrase in labels if photo in (*labels[phrase]["shown"], *labels[phrase]["unsure"])}
    left = [phrase for phrase in labels if phrase not in seen and phrase not in doubtful]
    together = Counter(
        other for phrase in shown for at in labels[phrase]["shown"] for other in left if at in labels[other]["shown"]
    )
    ways = {
        "adversarial": lambda phrase: (together[phrase], choice.random()),
        "popular": lambda phrase: (len(labels[phrase]["shown"]), choice.random()),
        "random": lambda _: (0, choice.random()),
    }

    def chosen(kind: str) -> str:
        found = max(left, key=ways[kind])
        left.remove(found)
        return found

    return chosen


if __name__ == "__main__":
    main()
