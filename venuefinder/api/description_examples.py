"""Examples of descriptions, questions and answers for the OpenAPI document."""

from venuefinder.api.search_examples import Example

QUESTIONS: dict[str, Example] = {
    "seen": {"value": {"question": "is there a stage?"}},
    "together": {"value": {"question": "could 80 people dine outside?"}},
}
_UNREAD = "truncated JPEG: 81,920 of 412,006 bytes; copy it again"
DESCRIPTION: Example = {
    "external_id": "mill-barn",
    "summary": "Photos show a rustic barn in the countryside, with beams and string lights, for a wedding. "
    "The listing says that it is a barn, with parking.",
    "claims": [
        {"attribute": "setting", "value": "countryside", "status": "seen", "photo_id": 17, "probability": 0.97},
        {"attribute": "style", "value": "rustic", "status": "seen", "photo_id": 17, "probability": 0.94},
        {"attribute": "room_types", "value": "barn", "status": "seen", "photo_id": 17, "probability": 0.99},
        {"attribute": "amenities", "value": "string lights", "status": "seen", "photo_id": 18, "probability": 0.92},
        {"attribute": "amenities", "value": "parking", "status": "stated", "photo_id": None, "probability": None},
        {"attribute": "amenities", "value": "stage", "status": "unknown", "photo_id": 18, "probability": 0.41},
        {"attribute": "suitability", "value": "wedding", "status": "seen", "photo_id": 18, "probability": 0.9},
    ],
    "backend": "openai",
    "model": "Qwen/Qwen2.5-VL-7B-Instruct",
    "photos": 3,
    "photos_read": 2,
    "unread": [{"photo_id": 19, "reason": _UNREAD}],
    "complete": False,
}
DESCRIPTIONS: dict[str, Example] = {"description": DESCRIPTION}
_SEEN: Example = {"text": "a stage", "status": "seen", "photo_id": 18, "probability": 0.96}
_DINE: Example = {"text": "dine outside", "status": "unknown", "photo_id": None, "probability": 0.31}
_GUESTS: Example = {"text": "80 people", "status": "stated", "photo_id": None, "probability": None}
QUESTION_ANSWERS: dict[str, Example] = {
    "seen": {
        "external_id": "mill-barn",
        "question": "is there a stage?",
        "answer": "yes",
        "text": "Yes. A photo shows: a stage.",
        "status": "seen",
        "photo_id": 18,
        "probability": 0.96,
        "parts": [_SEEN],
        "complete": True,
    },
    "together": {
        "external_id": "mill-barn",
        "question": "could 80 people dine outside?",
        "answer": "unknown",
        "text": "Unknown. Neither photos nor listing tell: dine outside. The listing says: 80 people.",
        "status": "unknown",
        "photo_id": None,
        "probability": 0.31,
        "parts": [_DINE, _GUESTS],
        "complete": True,
    },
}
