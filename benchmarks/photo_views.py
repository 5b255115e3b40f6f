"""How often a wide photo is found by what its side shows, for 1, 3 and 5 views a photo.

    python benchmarks/photo_views.py FOLDER [--encoder starter] [--photos 300]

Each photo longer than 4:3 is asked for twice by an image: the outermost square of 0.6 times its shorter side, at either
end. Printed are recall at 1, 5 and 10 among those photos, and the vectors stored. The crops are those of a model that
cuts a centre square, such as CLIP's; any encoder may judge them, since a square crop passes it whole.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from venuefinder.encoders.preprocessing import preprocessing_of
from venuefinder.encoders.registry import load_encoder
from venuefinder.images.decoding import decode_photo
from venuefinder.protocols import Embeddings, Encoder

CENTRE_CROP = {"size": 336, "resize_mode": "shortest", "interpolation": "bicubic", "mean": 0, "std": 1}
WIDE = 4 / 3
DETAIL = 0.6
KS = (1, 5, 10)
BATCH = 16
MAX_PIXELS = 100_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--encoder", default="starter")
    parser.add_argument("--photos", type=int, default=300)
    arguments = parser.parse_args()
    photos = _wide_photos(arguments.folder, arguments.photos)
    stretch = np.array([max(photo.size) / min(photo.size) for photo in photos])
    print(
        f"{len(photos)} photos longer than 4:3; a centre crop loses {(1 - 1 / stretch).mean():.0%} of each, on average"
    )
    encoder = load_encoder(arguments.encoder)
    queries = _encoded(encoder, [detail for photo in photos for detail in _details(photo)])
    for views in (1, 3, 5):
        recall = _recall(_views(encoder, photos, views), queries)
        figures = "  ".join(f"R@{k} {value:.3f}" for k, value in zip(KS, recall, strict=True))
        print(f"{views} views: {figures}  {views * len(photos)} vectors")


def _wide_photos(folder: Path, count: int) -> list[Image.Image]:
    photos: list[Image.Image] = []
    for path in sorted(folder.rglob("*.jpg")):
        photo = decode_photo(path.read_bytes(), max_pixels=MAX_PIXELS).image
        if max(photo.size) > WIDE * min(photo.size):
            photos.append(photo)
        if len(photos) == count:
            break
    return photos


def _details(photo: Image.Image) -> list[Image.Image]:
    width, height = photo.size
    side = int(DETAIL * min(photo.size))
    right, bottom = width - side, height - side
    corners = [(0, bottom // 2), (right, bottom // 2)] if width > height else [(right // 2, 0), (right // 2, bottom)]
    return [photo.crop((left, top, left + side, top + side)) for left, top in corners]


def _views(encoder: Encoder, photos: list[Image.Image], views: int) -> Embeddings:
    preprocessing = preprocessing_of(CENTRE_CROP, views=views)
    crops = [Image.fromarray(crop) for photo in photos for crop in preprocessing.prepare(photo)]
    return _encoded(encoder, crops).reshape(len(photos), views, -1)


def _encoded(encoder: Encoder, images: list[Image.Image]) -> Embeddings:
    batches = [encoder.encode_images(images[start : start + BATCH])[:, 0] for start in range(0, len(images), BATCH)]
    return np.concatenate(batches)


def _recall(gallery: Embeddings, queries: Embeddings) -> list[float]:
    photos, views, dimension = gallery.shape
    scores = (queries @ gallery.reshape(-1, dimension).T).reshape(len(queries), photos, views).max(axis=2)
    target = np.repeat(np.arange(photos), len(queries) // photos)
    ranks = (scores > scores[np.arange(len(queries)), target][:, None]).sum(axis=1)
    return [float((ranks < k).mean()) for k in KS]


if __name__ == "__main__":
    main()
