"""ImageNet's classes in the order of the classifier."""

from venuefinder.encoders.starter import Towers
from venuefinder.encoders.starter_fit.recipe import Classes


def imagenet_names() -> list[str]:
    """Return the 1,000 class names, as torchvision lists them."""
    from torchvision.models import EfficientNet_B0_Weights  # type: ignore[import-untyped]  # ships no types

    names: list[str] = EfficientNet_B0_Weights.IMAGENET1K_V1.meta["categories"]
    return names


def imagenet_classes(towers: Towers) -> Classes:
    """Return classifier rows and the embeddings of the names."""
    return Classes(rows=towers.image.classifier, names=towers.text(imagenet_names()))
