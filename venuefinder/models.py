"""Settings in, models out: the encoder of the space that serves, or the pinned one, and what looks at photos."""

from collections.abc import Callable
from functools import cached_property
from threading import RLock

from venuefinder.errors import SpaceError
from venuefinder.protocols import Encoder
from venuefinder.records import StoredSpace
from venuefinder.settings import Settings
from venuefinder.vision import VisionLanguageModel

EncoderLoader = Callable[[str, int], Encoder]
"""Loads an encoder by its spec and its number of views."""
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
        self._load = load or self._from_registry
        self._lender: Models | None = None
        """Whose vision-language model is used instead of loading another."""
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
        return self._encoder is not None or self.settings.encoder is not None

    def encoder_of(self, stored: StoredSpace) -> Encoder:
        """Load the encoder of a space. Raises SpaceError where its weights or preprocessing are others by now."""
        space = stored.space
        encoder = self._load(space.encoder, space.facts.views)
        if encoder.space.key != space.key:
            raise SpaceError(
                f"space {space.name!r}: its encoder {space.encoder!r} makes vectors of another space here, "
                f"{encoder.space.name!r}; bring back the weights it was made with, or name a place that has them by "
                "VENUEFINDER_ENCODER"
            )
        return encoder

    def load_encoder(self, spec: str, views: int) -> Encoder:
        """Load an encoder by its spec, on the device and in the dtype of the settings; `views` is embeddings a photo."""
        return self._load(spec, views)

    def _from_registry(self, spec: str, views: int) -> Encoder:
        from venuefinder.encoders.registry import load_encoder

        return load_encoder(spec, device=self.settings.device, dtype=self.settings.dtype, views=views)

    @property
    def vision(self) -> VisionLanguageModel | None:
        """The vision-language model the settings name, loaded once, whichever thread asks; None where it is off."""
        if self._vision is not None:
            return self._vision
        if self._lender is not None and self.settings.vlm != "zero-shot":  # which is made of the encoder
            return self._lender.vision
        with self._loading:
            return self._loaded_vision

    @cached_property
    def _loaded_vision(self) -> VisionLanguageModel | None:
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
