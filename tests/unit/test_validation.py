"""What is wrong with a value is said of what it was meant as, in words of ours."""

from typing import Any

import pytest
from pydantic import ValidationError

from venuefinder.request import SearchRequest
from venuefinder.validation import explained


@pytest.mark.parametrize(
    ("tests", "told"),
    [
        ({"stars": {"min": 5, "max": 1}}, 'stars: found {"min": 5, "max": 1}; min 5.0 is above max 1.0; no number'),
        ({"stars": {}}, "stars: found {}; expected min or max"),
        ({"stars": []}, "stars: found []; at least 1 valid item is expected"),
        ({"stars": {"least": 3}}, "stars.least: found 3; there is no such field; check its spelling"),
        ({"stars": [[1]]}, "stars.0: found [1]; expected text, a number, true, false or null; "),
        ({"stars": float("nan")}, "stars: found NaN; expected a finite number"),
        ({"": 1}, 'filters.attributes: found ""; at least one character is expected'),
    ],
)
def test_attributes_are_told_of_as_what_they_were_meant_as(tests: Any, told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SearchRequest.model_validate({"query": "barn", "filters": {"attributes": tests}})
    message = explained(caught.value)
    assert told in message
    assert "[" not in message.replace("[1]", "").replace("[]", "").replace("[[]]", "")


@pytest.mark.parametrize("test", [3, "oak", True, None, ["oak", 1, True], {"min": 3}, {"max": 4.5, "min": 1}])
def test_what_an_attribute_may_be_asked_is_told_again_as_it_was(test: Any) -> None:
    asked = SearchRequest.model_validate({"filters": {"attributes": {"floor": test}}})
    again = SearchRequest.model_validate_json(asked.model_dump_json())
    assert again.filters == asked.filters
    assert again.filters.attributes["floor"] == (
        tuple(test) if isinstance(test, list) else asked.filters.attributes["floor"]
    )
