"""The JSON Schema that constrains what models write of a photo: every field in its order, everything bounded."""

from typing import Any

from venuefinder.vision.photo_reading import PhotoReport


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of a report, every field required: what is left out would not be told from empty."""
    schema = PhotoReport.model_json_schema(mode="serialization")
    return schema | {"required": list(schema["properties"])}
