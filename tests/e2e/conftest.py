"""What the page's own tests need: Node's packages, installed as the lock names them."""

import os

import pytest

from web.build import PageError, install


@pytest.fixture(scope="session")
def node_packages() -> None:
    """Install them; where they cannot be had, CI fails, and a train ride goes on without these tests."""
    try:
        install()
    except PageError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"the page's packages cannot be had: {error}")
