"""The examples of recommendations, in the OpenAPI document and as a client's author would copy them."""

from venuefinder.api.search_examples import UPLOAD_ID, Example
from venuefinder.recommending.recommendation import RecommendationAnswer

REQUESTS: dict[str, Example] = {
    "likes": {
        "summary": "Like this venue and this picture, unlike that venue",
        "value": {
            "like": [{"venue": "long-hall"}, {"upload_id": UPLOAD_ID, "weight": 0.5}],
            "dislike": [{"venue": "glass-tower"}],
            "limit": 6,
        },
    },
    "cheaper": {
        "summary": "Like it, but cheaper, for my guests",
        "value": {
            "like": [{"venue": "long-hall"}],
            "relative": {"cheaper_than": "long-hall"},
            "filters": {"guests": 80, "price": {"hours": 6}},
        },
    },
    "steered": {
        "summary": "Like it, but lighter and nearer",
        "value": {
            "like": [{"photo_id": 17}],
            "text": "white walls and tall windows",
            "filters": {"near": {"place": "Bath", "radius_km": 40}},
            "relative": {"nearer_than": "long-hall"},
            "diversity": 0.6,
        },
    },
    "user": {"summary": "By what somebody did", "value": {"user": "v7Qm2xT4kLw9", "filters": {"country": "GB"}}},
    "nothing": {"summary": "Nothing liked yet: different ones", "value": {"limit": 8, "seed": 7}},
}
"""Of POST /v1/recommendations, by a name each."""
EVENTS: dict[str, Example] = {
    "saved": {
        "value": {
            "user": "v7Qm2xT4kLw9",
            "events": [{"kind": "view", "venue": "mill-barn"}, {"kind": "save", "venue": "mill-barn", "id": "e-1904"}],
        }
    }
}
"""Of POST /v1/events."""
RECORDED: Example = {"stored": 2, "repeated": 0, "unknown": []}
FORGOTTEN: Example = {"deleted": 17}
LIKED_PHOTO: Example = {
    "id": 31,
    "uri": "upload/60303ae22b998861.jpg",
    "url": "/v1/photos/31/image?v=60303ae22b998861",
    "width": 3000,
    "height": 2000,
}


def recommendations(venue: Example, photo: Example) -> dict[str, Example]:
    """Return answers, by a name each, told of this venue and its photo."""
    liked = {
        "rank": 1,
        "venue": venue,
        "score": 2.8143,
        "reason": "Looks like Long Hall, and its description reads alike; also a barn in Bath.",
        "because": {"liked": "long-hall", "liked_photo": LIKED_PHOTO, "photo": photo, "percentile": 99.84},
        "photo": photo,
        "price": {"total": 4500, "currency": "GBP", "basis": "£4,500 for the event"},
    }
    by_chance = {
        "rank": 1,
        "venue": venue,
        "score": None,
        "reason": "Nothing was liked yet: chosen by chance, to differ from the others.",
        "because": None,
        "photo": photo,
    }
    return {
        "likes": _whole({"results": [liked], "basis": "examples", "space": "starter@1f3870be"}),
        "nothing": _whole({"results": [by_chance], "basis": "nothing", "space": "starter@1f3870be"}),
    }


def _whole(answer: Example) -> Example:
    """Return an answer with every field it has."""
    return RecommendationAnswer.model_validate(answer, extra="forbid").model_dump(mode="json")
