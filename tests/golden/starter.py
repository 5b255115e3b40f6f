"""The starter's golden vectors: drawings and texts whose embeddings are kept in `starter.safetensors`.

After a change that is meant to move vectors: `python -m tests.golden.starter`, and say so in the changelog, because
photos ingested before must be ingested again.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from safetensors.numpy import save_file

FILE = Path(__file__).with_suffix(".safetensors")
TEXTS = [
    "a ballroom with chandeliers",
    "rustic barn, string lights, 120 guests",
    "",
    "Straße, café & 宴会厅",
    "an industrial loft with exposed brick walls and large windows " * 40,
]


def drawings() -> list[Image.Image]:
    """Draw a gradient, stripes, a house and noise, wide, tall and large, without a random generator's help."""
    rows, columns = np.mgrid[0:300, 0:400]
    gradient = np.stack([columns * 255 // 400, rows * 255 // 300, np.full_like(rows, 90)], axis=-1)
    stripes = np.repeat(np.where((np.arange(90) // 9) % 2, 220, 30)[None, :, None], 500, axis=0) * np.ones(3)
    noise = (np.arange(1100 * 1500 * 3, dtype=np.uint64) * 2_654_435_761 >> np.uint64(24)) % 256
    house = Image.new("RGB", (640, 240), (120, 180, 240))
    draw = ImageDraw.Draw(house)
    draw.rectangle((0, 180, 640, 240), fill=(60, 140, 50))
    draw.rectangle((240, 110, 400, 200), fill=(150, 70, 50))
    draw.polygon([(230, 110), (320, 50), (410, 110)], fill=(90, 40, 30))
    arrays = [gradient, stripes, noise.reshape(1100, 1500, 3)]
    return [*(Image.fromarray(array.astype(np.uint8)) for array in arrays), house]


def main() -> None:
    """Write the golden vectors of the encoder as it is."""
    from venuefinder.encoders.starter import load_starter

    encoder = load_starter(device="cpu")
    photos, texts = encoder.encode_images(drawings())[:, 0], encoder.encode_texts(TEXTS)
    save_file({"photos": photos.astype(np.float16), "texts": texts.astype(np.float16)}, FILE)


if __name__ == "__main__":
    main()
