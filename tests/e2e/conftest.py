"""What the page's own tests need: Node's packages, installed as the lock names them, and a browser."""

import os
from collections.abc import Callable
from typing import TypeVar

import pytest

from tests.e2e.browser import chromium
from web.build import PageError, install

Found = TypeVar("Found")


def had(what: str, find: Callable[[], Found]) -> Found:
    """Return what is found; where it cannot be had, CI fails, and a train ride goes on without these tests."""
    try:
        return find()
    except PageError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"{what} cannot be had: {error}")


@pytest.fixture(scope="session")
def node_packages() -> None:
    """What the page is built and tested with."""
    had("the page's packages", install)


@pytest.fixture(scope="session")
def browser() -> str:
    """The path of a Chromium."""
    return had("a browser", chromium)
