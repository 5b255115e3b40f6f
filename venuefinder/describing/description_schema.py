"""The published JSON Schema of descriptions: what a client may rely on, whichever model made them."""

from typing import Any

from venuefinder.describing.description import Description

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def description_schema() -> dict[str, Any]:
    """Return the JSON Schema of a description as it is answered."""
    return {"$schema": DIALECT, **Description.model_json_schema(mode="serialization")}
