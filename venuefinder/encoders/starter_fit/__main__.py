"""Fits a projection and writes it: `python -m venuefinder.encoders.starter_fit MANIFEST --out FILE`."""

import argparse
from pathlib import Path

from venuefinder.encoders.starter import load_towers
from venuefinder.encoders.starter_fit.classes import imagenet_classes
from venuefinder.encoders.starter_fit.examples import read_examples
from venuefinder.encoders.starter_fit.recipe import fit
from venuefinder.encoders.starter_fit.retrieval import choose


def main() -> None:
    """Choose the recipe by cross-validation, fit it on all photos, write the file."""
    parser = argparse.ArgumentParser(prog="python -m venuefinder.encoders.starter_fit", description=main.__doc__)
    parser.add_argument("manifest", type=Path, help="CSV with the columns photo, text, source and perhaps caption")
    parser.add_argument("--out", type=Path, required=True, help="the safetensors file to write")
    arguments = parser.parse_args()
    towers = load_towers(device="cpu")
    examples, classes = read_examples(arguments.manifest, towers), imagenet_classes(towers)
    arguments.out.write_bytes(fit(examples, classes, choose(examples, classes)).file)


if __name__ == "__main__":
    main()
