"""What can go wrong while the sample venues are built."""

from venuefinder.errors import VenueFinderError


class SamplesError(VenueFinderError):
    """The sample venues cannot be built."""

    exit_code = 2


class PackagesUnavailableError(SamplesError):
    """The packages that carry the photos cannot be fetched."""


class UnsafePackageError(SamplesError):
    """A package is not the one we pinned, or holds something that we do not open."""
