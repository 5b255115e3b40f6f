"""`.env.example` is the reference of the settings; it and `Settings` say the same."""

from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic import SecretStr

from venuefinder.settings import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
COMPOSE_ALONE = {"POSTGRES_PASSWORD"}


def variable(field: str) -> str:
    alias = Settings.model_fields[field].validation_alias
    return str(alias.choices[0]) if alias is not None else f"VENUEFINDER_{field.upper()}"


def comment_above(name: str) -> list[str]:
    lines = EXAMPLE.read_text().splitlines()
    end = next(number for number, line in enumerate(lines) if line.startswith(f"{name}="))
    start = end
    while lines[start - 1].startswith("#"):
        start -= 1
    return [line.removeprefix("# ") for line in lines[start:end]]


def test_names_every_setting_and_no_other():
    expected = {variable(field) for field in Settings.model_fields} | COMPOSE_ALONE

    assert set(dotenv_values(EXAMPLE)) == expected


def test_loaded_as_it_is_gives_the_defaults():
    assert Settings(_env_file=EXAMPLE) == Settings(_env_file=None)


@pytest.mark.parametrize("field", Settings.model_fields)
def test_gives_each_unit_default_and_reason(field):
    comment = comment_above(variable(field))
    default = Settings.model_fields[field].default
    expected = "empty" if default is None else str(default)

    assert any(line.startswith("Unit: ") for line in comment)
    assert any(line.startswith("Why: ") for line in comment)
    assert f"Default: {expected}" in " ".join(comment)
    assert dotenv_values(EXAMPLE)[variable(field)] == ("" if default is None else str(default))


def test_an_edited_copy_is_read(tmp_path):
    text = EXAMPLE.read_text()
    edited = text.replace("VENUEFINDER_BATCH_SIZE=32", "VENUEFINDER_BATCH_SIZE=64")
    edited = edited.replace("VENUEFINDER_API_KEY=", "VENUEFINDER_API_KEY=secret")
    (tmp_path / ".env").write_text(edited)

    settings = Settings(_env_file=tmp_path / ".env")

    assert settings.batch_size == 64
    assert settings.api_key == SecretStr("secret")
