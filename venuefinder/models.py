"""Settings in, models out: the encoder of the space that serves, or the pinned one, and what looks at photos."""

from collections.abc import Callable
from functools import cached_property
from threading import RLock
from typing import cast

from venuefinder.domain import EmbeddingSpace
from venuefinder.errors import ConfigurationError, SpaceError
from venuefinder.protocols import Encoder
from venuefinder.records import StoredSpace
from venuefinder.settings import Settings
from venuefinder.sharing import shared
from venuefinder.vision.model import VisionLanguageModel

EncoderLoader = Callable[[str, int], Encoder]
"""Loads an encoder by its spec and its number of views."""
ZERO_SHOT = "zero-shot"
"""The vision-language model that is made of the encoder, so that each encoder has its own."""
STARTER = "starter"
"""The encoder of an empty catalogue, where the settings name none."""


class Models:
    """The models of one process, each loaded when first asked for. `encoder`, `vision` and `load` as `Services` has."""

    def __init__(
        self,
        settings: Settings,
        *,
        encoder: Encoder | None,
        vision: VisionLanguageModel | None,
        load: EncoderLoader | None,
    ) -> None:
        self.settings = settings
        self._encoder = encoder
        self._vision = vision
        self.loader = load
        """What replaces the registry; None where nothing does."""
        self._load = load or self._from_registry
        self.lender: Models | None = None
        """Beside which these were made: what is shared is borrowed from there."""
        self._loading = RLock()

    def _active(self) -> StoredSpace | None:
        """Return the space that serves, None in an empty catalogue."""
        raise NotImplementedError

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder the settings name, else that of the space that serves, weights loaded."""
        if self._encoder is not None:
            return self._encoder
        if self.settings.encoder is not None:
            return self._load(self.settings.encoder, self.settings.views)
        active = self._active()
        return self.encoder_of(active) if active else self._load(STARTER, self.settings.views)

    @property
    def pinned(self) -> bool:
        """Whether the encoder is fixed here, whatever space serves."""
        if self.lender is not None:
            return self.lender.pinned
        return self._encoder is not None or self.settings.encoder is not None

    def pinned_beside(self, active: StoredSpace) -> str | None:
        """Return what to say where the encoder is pinned to another than the serving space's. Loads nothing."""
        space, spec = active.space, self.settings.encoder
        loaded = self.__dict__.get("encoder", self._encoder)
        if not self.pinned or (loaded is not None and loaded.space.key == space.key):
            return None
        from venuefinder.encoders.checkpoints import lasting_spec

        as_named = spec is not None and (lasting_spec(spec), self.settings.views) == (space.encoder, space.facts.views)
        if loaded is None and as_named:
            return None
        return (
            f"VENUEFINDER_ENCODER pins {spec or 'another encoder'} on this machine, and {space.name} serves elsewhere; "
            "empty it so that servers follow"
        )

    def encoder_of(self, stored: StoredSpace) -> Encoder:
        """Return the encoder of a space: the one loaded already, the one the space names, or the pinned one.

        Raises SpaceError where its weights or preprocessing are others by now, and what loading it raises.
        """
        space = stored.space
        loaded = self.__dict__.get("encoder", self._encoder)
        if loaded is not None and loaded.space.key == space.key:
            return cast(Encoder, loaded)
        try:
            return _of_space(self._load(space.encoder, space.facts.views), space)
        except (ConfigurationError, SpaceError):
            if loaded is not None or self.settings.encoder is None:
                raise
            return _of_space(self.encoder, space)  # the same weights may lie elsewhere on this machine

    def load_encoder(self, spec: str, views: int) -> Encoder:
        """Load an encoder by its spec and embeddings a photo, on the device and in the dtype of the settings."""
        return self._load(spec, views)

    def _from_registry(self, spec: str, views: int) -> Encoder:
        from venuefinder.encoders.registry import load_encoder

        return load_encoder(spec, device=self.settings.device, dtype=self.settings.dtype, views=views)

    @property
    def vision(self) -> VisionLanguageModel | None:
        """The vision-language model the settings name, loaded once, whichever thread asks; None where it is off."""
        if self._vision is not None:
            return self._vision
        with self._loading:
            return self._zero_shot if self.settings.vlm == ZERO_SHOT else self._loaded_vision

    @cached_property
    def _zero_shot(self) -> VisionLanguageModel | None:
        return self._load_vision()

    @shared
    def _loaded_vision(self) -> VisionLanguageModel | None:
        return self._load_vision()

    def _load_vision(self) -> VisionLanguageModel | None:
        from venuefinder.vlm.registry import VisionOptions, load_model

        settings = self.settings
        options = VisionOptions(
            min_tokens=settings.vlm_min_tokens,
            max_tokens=settings.vlm_max_tokens,
            device=settings.device,
            dtype=settings.dtype,
            quantise=settings.vlm_quantise,
            prefix_cache_bytes=settings.vlm_prefix_cache_mb * 1_000_000,
            api_key=settings.vlm_api_key,
            timeout=settings.vlm_timeout,
            concurrency=settings.vlm_concurrency,
            seen=settings.vlm_seen,
            prior=settings.vlm_prior,
            data_dir=settings.data_dir,
        )
        return load_model(settings.vlm, options, lambda: self.encoder)

    def _close_models(self) -> None:
        if self._vision is None and (made := self.__dict__.get("_loaded_vision")) is not None:
            made.close()


def _of_space(encoder: Encoder, space: EmbeddingSpace) -> Encoder:
    if encoder.space.key != space.key:
        raise SpaceError(
            f"space {space.name!r}: its encoder {space.encoder!r} makes vectors of another space on this machine, "
            f"{encoder.space.name!r}; bring back the weights that it was made with, or name a place that has them by "
            "VENUEFINDER_ENCODER"
        )
    return encoder
