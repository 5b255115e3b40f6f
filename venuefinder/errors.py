"""Every error VenueFinder raises on purpose.

    VenueFinderError
    ├── InputError                 the caller's data is wrong; HTTP 422, exit code 2
    │   ├── ImageError             a file that is not a usable photo; its `kind` says in a word why
    │   │   ├── MissingImageError      there is no such file
    │   │   ├── UnreadableImageError   it is there, but cannot be read, or changes while it is read
    │   │   ├── RefusedImageError      it lies where photos may not be read from
    │   │   ├── FetchError             the network or its server does not give it
    │   │   ├── NotAnImageError        something else than a picture
    │   │   ├── TruncatedImageError    a picture that ends too early
    │   │   └── ImageSizeError         too many bytes or pixels, or too few
    │   ├── SourceInUseError       another process ingests that source
    │   ├── ListingError           a manifest line, a folder or a body that is not a venue
    │   └── QueryError             a search that cannot be answered as asked
    ├── NotFoundError              nothing by that name; HTTP 404, exit code 2
    ├── ConfigurationError         a setting, an install or a model is wrong; exit code 3
    │   ├── EncoderUnavailableError    the encoder's code or weights cannot be had
    │   ├── VisionOffError             what was asked needs a vision-language model, and there is none
    │   └── RefusedToServeError        serving as asked would be unsafe
    ├── DatabaseError              the database cannot be used as it is; HTTP 503, exit code 4
    │   ├── DatabaseUnavailableError   it does not answer, or cannot be started
    │   │   └── DiskFullError              it has no room left; waiting does not help
    │   ├── ExtensionError             pgvector is missing or too old
    │   └── SchemaError                migrations are missing or from another version
    ├── VisionError                a vision-language model failed; HTTP 502, exit code 6
    │   ├── VisionUnavailableError     it is down, too slow, or out of memory; HTTP 503
    │   └── VisionAnswerError          it answered something that is no answer
    ├── RunCancelledError          somebody asked for the run to stop; exit code 130
    ├── BusyError                  too much of it at once, nothing wrong with the request; HTTP 503
    ├── SpaceError                 vectors of different embedding spaces would meet; HTTP 409, exit code 5
    │   └── SpaceGoneError             the space was dropped while it was used
    └── EncodingError              an encoder returned something that is not unit-norm embeddings; HTTP 500

A message names the object, the value found, the value expected and the remedy. The class docstring is the
default message.
"""

from typing import ClassVar, Literal

FailureKind = Literal[
    "missing",
    "unreadable",
    "refused",
    "fetch",
    "not-an-image",
    "truncated",
    "size",
    "broken",
    "listing",
    "database",
]
"""Why a photo or a venue could not be ingested, in one word: photos as `ImageError` draws them; `listing` is no venue,
`database` was refused there."""


class VenueFinderError(Exception):
    """Something went wrong in VenueFinder."""

    exit_code = 1

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class InputError(VenueFinderError):
    """The input cannot be used."""

    exit_code = 2


class ImageError(InputError):
    """The file is not a usable photo."""

    kind: ClassVar[FailureKind] = "broken"


class MissingImageError(ImageError):
    """There is no such file."""

    kind = "missing"


class UnreadableImageError(ImageError):
    """The file cannot be read."""

    kind = "unreadable"


class RefusedImageError(ImageError):
    """The photo lies where photos may not be read from."""

    kind = "refused"


class FetchError(ImageError):
    """The photo cannot be fetched."""

    kind = "fetch"


class NotAnImageError(ImageError):
    """The file is no picture."""

    kind = "not-an-image"


class TruncatedImageError(ImageError):
    """The picture ends too early."""

    kind = "truncated"


class ImageSizeError(ImageError):
    """The picture is too large or too small."""

    kind = "size"


class SourceInUseError(InputError):
    """Another process ingests this source."""


class ListingError(InputError):
    """The listing is not a venue."""


class QueryError(InputError):
    """The search cannot be answered as asked."""


class NotFoundError(VenueFinderError):
    """There is nothing by that name."""

    exit_code = 2


class ConfigurationError(VenueFinderError):
    """A setting or an installation is wrong."""

    exit_code = 3


class EncoderUnavailableError(ConfigurationError):
    """The encoder cannot be loaded."""


class VisionOffError(ConfigurationError):
    """VENUEFINDER_VLM: found off, expected a model that looks at photos; set it to zero-shot, or see .env.example."""


class RefusedToServeError(ConfigurationError):
    """Serving like this would be unsafe."""


class DatabaseError(VenueFinderError):
    """The database cannot be used as it is."""

    exit_code = 4


class DatabaseUnavailableError(DatabaseError):
    """The database does not answer."""


class DiskFullError(DatabaseUnavailableError):
    """The disk of the database is full."""


class ExtensionError(DatabaseError):
    """pgvector is missing or too old."""


class SchemaError(DatabaseError):
    """The database schema does not fit this version; run: venuefinder init."""


class VisionError(VenueFinderError):
    """The vision-language model failed."""

    exit_code = 6


class VisionUnavailableError(VisionError):
    """The vision-language model does not answer."""


class VisionAnswerError(VisionError):
    """The vision-language model's answer is no answer to what was asked."""


class RunCancelledError(VenueFinderError):
    """The run was cancelled; what was finished stays."""

    exit_code = 130


class BusyError(VenueFinderError):
    """Too much is under way; try again in a moment."""


class SpaceError(VenueFinderError):
    """The vectors belong to different embedding spaces."""

    exit_code = 5


class SpaceGoneError(SpaceError):
    """The embedding space was dropped meanwhile; see venuefinder spaces list, and try again in the one that serves."""


class EncodingError(VenueFinderError):
    """The encoder did not return unit-norm embeddings."""
