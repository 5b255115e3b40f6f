"""Recommendations in a catalogue too large to look at whole: the near are found, pages full, examples left out."""

import pytest

from tests.catalogues import run, write_many
from venuefinder.bootstrap import Services
from venuefinder.recommending.candidates import READ_WHOLE
from venuefinder.recommending.recommendation import RecommendationAnswer, RecommendationRequest

MANY = 2 * READ_WHOLE
LIKED, NEAREST = "v40", "v296"
"""(40, 0, 40) and (40, 1, 40); all others differ by more."""


@pytest.fixture(scope="module", autouse=True)
def catalogue(api_services: Services, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Venues whose colours follow each other."""
    run(api_services, write_many(tmp_path_factory.mktemp("many") / "venues.jsonl", venues=MANY))


def answer(services: Services, **fields: object) -> RecommendationAnswer:
    return services.recommend.answer(RecommendationRequest.model_validate(fields))


def ids(found: RecommendationAnswer) -> list[str]:
    return [result.venue.external_id for result in found.results]


def test_what_is_nearest_is_among_the_candidates(api_services: Services) -> None:
    found = answer(api_services, like=[{"venue": LIKED}], diversity=0, limit=1)

    assert ids(found) == [NEAREST]
    assert all(result.because and result.because.liked == LIKED for result in found.results)


@pytest.mark.parametrize("seed", [0, 7])
def test_lists_are_full_and_name_no_example(api_services: Services, seed: int) -> None:
    liked, disliked = [f"v{number}" for number in range(20)], [f"v{number}" for number in range(20, 40)]
    found = ids(
        answer(
            api_services,
            like=[{"venue": one} for one in liked],
            dislike=[{"venue": one} for one in disliked],
            limit=100,
            seed=seed,
        )
    )

    assert len(found) == len(set(found)) == 100
    assert not {*liked, *disliked} & set(found)


def test_with_nothing_to_go_by_a_seed_decides(api_services: Services) -> None:
    first, again, other = (ids(answer(api_services, limit=10, seed=seed)) for seed in (1, 1, 2))

    assert first == again
    assert set(first) != set(other)
