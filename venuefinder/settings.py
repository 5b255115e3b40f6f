"""Settings: environment variables, or `.env` in the working directory. Read by entry points and bootstrap only."""

from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from venuefinder.domain import Device, Dtype
from venuefinder.errors import ConfigurationError


class Settings(BaseSettings):
    """Every setting, with unit, default and reason in `.env.example`."""

    model_config = SettingsConfigDict(
        env_prefix="VENUEFINDER_", env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    database_url: SecretStr | None = Field(default=None, validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    """A PostgreSQL with pgvector; unset: the embedded one in `data_dir`."""
    data_dir: Path = Path("venuefinder-data")
    """Holds the embedded Postgres and uploaded photos."""
    encoder: str = "starter"
    """`starter`, `open_clip:<model>/<pretrained>` or `open_clip:local-dir:<path>`."""
    device: Device = "auto"
    dtype: Dtype = "auto"
    views: Annotated[int, Field(ge=1, le=5)] = 1
    """Crops a photo for open_clip encoders: 1 is the model's own."""
    api_key: SecretStr | None = None
    batch_size: Annotated[int, Field(ge=1, le=4096)] = 16
    """Photos a forward pass."""
    decode_threads: Annotated[int, Field(ge=0, le=256)] = 0
    """Threads that decode photos; 0: one a core."""
    max_pixels: Annotated[int, Field(ge=1_000_000, le=1_000_000_000)] = 100_000_000
    """Pixels above which a photo is refused before it is decoded."""
    max_photo_bytes: Annotated[int, Field(ge=1_000_000)] = 60_000_000
    """Bytes above which a photo file or upload is refused unread."""


def load_settings() -> Settings:
    """Read the settings; a bad one raises ConfigurationError naming the variable."""
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"{_variable(problem['loc'])}: {problem['msg']}, found {problem['input']!r}" for problem in error.errors()
        )
        raise ConfigurationError(f"settings: {problems}; see .env.example") from None


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0])
    return name if name.isupper() else f"VENUEFINDER_{name.upper()}"
