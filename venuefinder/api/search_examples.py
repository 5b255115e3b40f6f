"""The examples of searching, in the OpenAPI document and as a client's author would copy them."""

from typing import Any

from venuefinder.answers import SearchAnswer, UploadAnswer

Example = dict[str, Any]
SENTENCE = "rustic barn with string lights for 120 guests under £5k near Bath, no carpets"
UPLOAD_ID = "kX2n6V4rQm0T9sJdYbE1cA"
CURSOR = "eyJ2IjoxLCJnIjo3LCJhZnRlciI6WzMuMjcxOCwxN119"
REQUESTS: dict[str, Example] = {
    "sentence": {"summary": "One sentence", "value": {"query": SENTENCE, "limit": 5}},
    "moodBoard": {
        "summary": "A mood board: like these two, less like that one",
        "value": {
            "query": "candles on long tables",
            "query_weight": 0.5,
            "images": [{"upload_id": UPLOAD_ID}, {"photo_id": 17, "weight": 2}, {"photo_id": 23, "weight": -0.5}],
        },
    },
    "filters": {
        "summary": "Filters, facets and the next page",
        "value": {
            "query": "light and airy",
            "filters": {
                "near": {"place": "Bath", "radius_km": 30},
                "guests": 120,
                "layout": "seated",
                "price": {"max": 5000, "currency": "GBP", "hours": 6},
                "amenities": {"all": ["parking"], "any": ["garden", "terrace"]},
                "attributes": {"floor": ["oak", "stone"], "ceiling_m": {"min": 3.5}},
            },
            "sort": "price",
            "facets": ["kind", "price"],
            "limit": 20,
            "cursor": CURSOR,
        },
    },
    "strict": {
        "summary": "Only good matches, or none and what to relax",
        "value": {"query": "an indoor pool with a glass roof", "filters": {"city": "Bath"}, "strict": True},
    },
    "rerank": {
        "summary": "Ordered anew by a vision-language model, within ten seconds",
        "value": {"query": "a barn for a summer wedding", "rerank": True, "rerank_wait": 10},
    },
}
"""Of POST /v1/search, by a name each."""


def _part(words: str, kind: str, meaning: Example) -> Example:
    start = SENTENCE.index(words)
    return {"text": words, "span": [start, start + len(words)], "kind": kind, "meaning": meaning, "applied": True}


BATH: Example = {"place": "Bath", "latitude": 51.3781, "longitude": -2.3597, "radius_km": 25}
INTERPRETED: Example = {
    "text": "rustic barn with string lights",
    "negatives": ["carpets"],
    "filters": {"guests": 120, "price": {"max": 5000}, "near": BATH},
    "parts": [
        _part("for 120 guests", "guests", {"guests": 120}),
        _part("under £5k", "price", {"price": {"max": 5000.0, "currency": "GBP"}}),
        _part("near Bath", "place", {"near": BATH}),
        _part("no carpets", "negation", {"negative": "carpets"}),
    ],
}
CLAUSES: list[Example] = [
    {"text": "rustic barn", "status": "seen", "photo_id": 17, "probability": 0.97},
    {"text": "string lights", "status": "stated"},
    {"text": "no carpets", "status": "unknown", "probability": 0.31},
    {"text": "for 120 guests", "status": "stated"},
    {"text": "under £5k", "status": "stated"},
    {"text": "near Bath", "status": "stated"},
]


RERANKED: Example = {
    "state": "done",
    "stream": "/v1/reranks/JHk0b2tlbl9vZl9hX3JlcmFuaw/events",
    "model": "Qwen/Qwen2.5-VL-7B-Instruct",
    "scores": [{"external_id": "mill-barn", "score": 0.93, "photo_id": 17, "rank": 1}],
}


def answers(venue: Example, photo: Example) -> dict[str, Example]:
    """Return the answers of POST /v1/search, by a name each, told of this venue and its photo."""
    hit = {
        "rank": 1,
        "venue": venue,
        "score": 3.2718,
        "probability": None,
        "percentile": 99.91,
        "photo": photo,
        "price": {"total": 4500, "currency": "GBP", "basis": "£4,500 for the event"},
        "distance_km": 0.21,
        "clauses": CLAUSES,
    }
    found = {
        "results": [hit],
        "total": 9,
        "interpreted": INTERPRETED,
        "facets": {"kind": [{"value": "barn", "count": 6}, {"value": "hall", "count": 3}]},
        "next_cursor": CURSOR,
        "left_out": {"other_currency": 1, "unknown_price": 4},
        "space": "starter@1f3870be",
    }
    nothing = {
        "results": [],
        "total": 12,
        "relax": {"constraint": "city", "text": "in Bath", "venues": 3},
        "space": "starter@1f3870be",
    }
    reranked = {"results": [hit], "total": 9, "rerank": RERANKED, "space": "starter@1f3870be"}
    return {"found": _whole(found), "reranked": _whole(reranked), "nothing": _whole(nothing)}


def _whole(answer: Example) -> Example:
    """Return an answer with every field it has."""
    return SearchAnswer.model_validate(answer, extra="forbid").model_dump(mode="json")


UPLOADED = UploadAnswer.model_validate(
    {"upload_id": UPLOAD_ID, "width": 4000, "height": 3000, "expires_at": "2026-11-24T19:30:00Z"}
).model_dump(mode="json")
UPLOADS_ANSWER: Example = {"uploads": [UPLOADED]}
