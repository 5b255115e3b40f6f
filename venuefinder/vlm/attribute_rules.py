"""When a score is enough to say that a photo shows a value: rules fitted on labelled photos, for one space each.

`attribute_rules.json` has them by the space's key. A rule is there only if photos it was not fitted on bear it out
(`benchmarks/attributes.py`); for any other encoder, and any other value, nothing is said to be seen.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from venuefinder.calibrating.evidence import SeenRule
from venuefinder.describing.attribute_prompts import candidates
from venuefinder.describing.description import Attribute

FILE = "attribute_rules.json"
Rules = Mapping[tuple[Attribute, str], SeenRule]


@cache
def _shipped() -> dict[str, dict[Attribute, dict[str, dict[str, float]]]]:
    text = resources.files("venuefinder.vlm").joinpath(FILE).read_text(encoding="utf-8")
    found: dict[str, dict[Attribute, dict[str, dict[str, float]]]] = json.loads(text)
    return found


def rules_for(space_key: str, prompt_version: str) -> Rules:
    """Return the rules fitted for a space with these very prompts; none for any other."""
    shipped = _shipped().get(f"{space_key}:{prompt_version}", {})
    return {
        (attribute, value): SeenRule(**rule)  # type: ignore[arg-type]  # counts are written as whole numbers
        for attribute, values in shipped.items()
        for value, rule in values.items()
        if value in candidates(attribute)
    }
