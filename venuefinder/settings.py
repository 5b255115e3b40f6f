"""Settings: environment variables, or `.env` in the working directory. Read by entry points and bootstrap only."""

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict, SettingsError

from venuefinder.domain import Device, Dtype
from venuefinder.errors import ConfigurationError
from venuefinder.jobs import SourceName
from venuefinder.records import IndexKind

PREFIX = "VENUEFINDER_"
DOTENV = Path(".env")


class Settings(BaseSettings):
    """Every setting, with unit, default and reason in `.env.example`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=DOTENV, extra="ignore", frozen=True, env_ignore_empty=True
    )

    database_url: SecretStr | None = Field(default=None, validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    """A PostgreSQL with pgvector; unset: the embedded one in `data_dir`."""
    data_dir: Path = Path("venuefinder-data")
    """Holds the embedded Postgres and uploaded photos."""
    encoder: str | None = None
    """`starter`, `open_clip:<model>/<pretrained>` or `open_clip:local-dir:<path>`; unset: that of the space that
    serves, `starter` in an empty catalogue."""
    device: Device = "auto"
    dtype: Dtype = "auto"
    views: Annotated[int, Field(ge=1, le=5)] = 1
    """Crops a photo for open_clip encoders: 1 is the model's own."""
    index: IndexKind = "hnsw"
    """How nearest embeddings are found."""
    target_recall: Annotated[float, Field(ge=0.5, le=0.999)] = 0.99
    """Share of the best ten venues of an exact search that tuning has an approximate index find."""
    vlm: str = "zero-shot"
    """`off`, `zero-shot`, `transformers:<model or path>` or `openai:<base url>#<model>`."""
    vlm_api_key: SecretStr | None = None
    """What the `openai:` server wants; never logged."""
    vlm_min_tokens: Annotated[int, Field(ge=4, le=16384)] = 64
    """Visual tokens a photo is enlarged to, at least."""
    vlm_max_tokens: Annotated[int, Field(ge=4, le=16384)] = 256
    """Visual tokens a photo is reduced to, at most; one is 28 x 28 pixels."""
    vlm_quantise: Literal["none", "4bit"] = "none"
    """How `transformers:` weights are kept; 4bit needs CUDA and bitsandbytes."""
    vlm_prefix_cache_mb: Annotated[int, Field(ge=0, le=1_000_000)] = 1024
    """Megabytes (10^6 bytes) of photos already read that `transformers:` keeps ready."""
    vlm_photos: Annotated[int, Field(ge=1, le=50)] = 2
    """Photos of a candidate that a rerank looks at."""
    vlm_described_photos: Annotated[int, Field(ge=1, le=200)] = 24
    """Photos of a venue that a description is made from, the first ones of the listing."""
    vlm_seen: Annotated[float, Field(gt=0.5, lt=1)] = 0.8
    """Probability from which on a claim is `seen`."""
    vlm_prior: bool = False
    """Whether what the model says of a blank photo is subtracted from its answers."""
    vlm_timeout: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """Seconds that one request to an `openai:` server may take."""
    vlm_concurrency: Annotated[int, Field(ge=1, le=256)] = 8
    """Requests to an `openai:` server at once."""
    api_key: SecretStr | None = None
    cors_origins: str = ""
    """Origins, comma-separated, whose pages may call the API."""
    sources: dict[SourceName, Annotated[str, Field(min_length=1)]] = {}
    """What `POST /v1/ingestions` may ask for: a name to a folder, manifest or URL."""
    max_manifest_bytes: Annotated[int, Field(ge=1_000, le=500_000_000)] = 64_000_000
    """Bytes above which an uploaded manifest is refused."""
    batch_size: Annotated[int, Field(ge=1, le=4096)] = 32
    """Photos a forward pass."""
    decode_threads: Annotated[int, Field(ge=0, le=256)] = 0
    """Threads that decode photos; 0: one a core."""
    max_pixels: Annotated[int, Field(ge=1_000_000, le=1_000_000_000)] = 100_000_000
    """Pixels above which a photo is refused before it is decoded."""
    max_photo_bytes: Annotated[int, Field(ge=1_000_000)] = 60_000_000
    """Bytes above which a photo file or upload is refused unread."""
    copy_photos: bool = False
    """Whether ingestion copies originals into our own store, instead of leaving them where they lie."""
    photo_store: str = ""
    """A folder, or a URL in a bucket, of our own store of originals; empty: `photos` in `data_dir`."""
    fetch_threads: Annotated[int, Field(ge=1, le=256)] = 32
    """Photos from the web and from buckets that are read at once."""
    fetch_allow: str = ""
    """Hosts and networks, comma-separated, that photos may be fetched from although they are not public."""
    fetch_timeout: Annotated[float, Field(gt=0, le=3600)] = 30.0
    """Seconds that one photo from the web may take, redirects and further tries included."""


def load_settings() -> Settings:
    """Read the settings; a bad or misspelt one raises ConfigurationError naming the variable."""
    try:
        _refuse_misspelt()
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"{_variable(problem['loc'])}: {problem['msg']}, found {problem['input']!r}" for problem in error.errors()
        )
        raise ConfigurationError(f"settings: {problems}; see .env.example") from None
    except SettingsError as error:  # a bad value is not repeated: it may hold passwords
        reason = f"{error} ({error.__cause__})" if error.__cause__ else str(error)
        raise ConfigurationError(f"settings: {reason}; expected JSON; see .env.example") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"settings: {DOTENV.absolute()} cannot be read ({error}); make it readable, in UTF-8"
        ) from None


def unknown_variables() -> list[str]:
    """Return the variables with our prefix that are no setting, of the environment and of `.env`."""
    given = {name.upper() for name in (*os.environ, *DotEnvSettingsSource(Settings).env_vars)}
    known = {_variable((field,)) for field in Settings.model_fields}
    return sorted(name for name in given if name.startswith(PREFIX) and name not in known)


def _refuse_misspelt() -> None:
    """Raise ConfigurationError for an unknown variable that is nearly a setting; others may be somebody else's."""
    settings = [field.upper() for field in Settings.model_fields]
    for name in unknown_variables():
        if near := get_close_matches(name.removeprefix(PREFIX), settings, n=1, cutoff=0.75):
            raise ConfigurationError(f"settings: there is no {name}; is {PREFIX}{near[0]} meant? See .env.example")


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0])
    return name if name.isupper() else f"{PREFIX}{name.upper()}"
