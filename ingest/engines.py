"""Makes the engine that a run asks for."""

import os
from typing import TYPE_CHECKING

from ingest.decode import Decoder
from ingest.encode_once import EncodeOnce, Known
from ingest.engine import Engine
from ingest.options import RunOptions
from ingest.pipeline import Pipeline, Sizes
from ingest.stages import Stages
from venuefinder.bootstrap import Services
from venuefinder.errors import ConfigurationError

if TYPE_CHECKING:
    from ingest.ray_engine import RayEngine


def engine_of(options: RunOptions, services: Services, stages: Stages, known: Known) -> Engine:
    """Return the engine for one run; raises ConfigurationError where it is not installed.

    known: returns the embeddings of contents that are stored; the local engine encodes these no more.
    """
    return ray_engine(options, services, stages) if options.engine == "ray" else local_engine(services, stages, known)


def local_engine(services: Services, stages: Stages, known: Known) -> Pipeline:
    """Return the engine of this process. It asks the database nothing but through `known`."""
    settings, encoder = services.settings, services.encoder
    decoder = Decoder(encoder, services.originals, max_pixels=settings.max_pixels)
    threads = settings.decode_threads or os.cpu_count() or 1
    sizes = Sizes(batch=settings.batch_size, decoders=threads, fetchers=settings.fetch_threads)
    return Pipeline(EncodeOnce(encoder, known), decoder, stages, sizes)


def ray_engine(options: RunOptions, services: Services, stages: Stages) -> "RayEngine":
    """Return the engine that has a Ray cluster do it."""
    try:
        import ray.data  # noqa: F401 - to see whether it is there
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"--engine ray: the package {error.name!r} is missing; run: pip install 'venuefinder[ray]'"
        ) from error
    from ingest.ray_engine import RayEngine

    return RayEngine(services, stages, address=options.ray_address)
