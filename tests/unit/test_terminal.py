"""What people see, on whatever they see it."""

import io
import sys

import pytest

from venuefinder import terminal


def test_a_terminal_without_unicode_gets_question_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    terminal.write_whatever_it_can()
    terminal.say("“Café”")
    sys.stdout.flush()
    assert written.getvalue() == b"?Caf??\n"
