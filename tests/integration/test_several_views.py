"""Search in a space of several views a photo: a photo is as near as the nearest of its views."""

from itertools import pairwise

import numpy as np
import pytest
from sqlalchemy import text

from tests.crowds import add_venues, with_index
from tests.explaining import explained
from venuefinder.answers import VenueHit
from venuefinder.bootstrap import Services
from venuefinder.request import SearchRequest
from venuefinder.searching.question import Question
from venuefinder.searching.ranking import Formula, Leg
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.store.reading import PHOTOS_PER_VENUE
from venuefinder.testing import FakeEncoder

VENUES, PHOTOS, VIEWS = 500, 4, 3
QUERIES = [f"query {number}" for number in range(10)]
STORED = """
SELECT v.external_id, e.photo_id, e.embedding FROM photo_embeddings e JOIN venues v ON v.id = e.venue_id
ORDER BY e.photo_id, e.view
"""
Photos = dict[int, float]


@pytest.fixture(scope="module")
def crowd(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Services:
    """500 venues of 4 photos with 3 views each, no two of them alike."""
    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("views"), index="hnsw")
    services = Services(settings, encoder=FakeEncoder(views=VIEWS), database=module_database)
    services.indexes.vacuum(add_venues(services, VENUES, photos=PHOTOS, spread=5))
    return services


def brute_force(crowd: Services, query: str) -> dict[str, Photos]:
    """Every venue, best first, with the cosines of all its photos by their best view, computed by numpy."""
    asked = crowd.encoder.encode_texts([query])[0].astype(np.float16).astype(np.float64)
    cosines: dict[str, Photos] = {}
    with crowd.database.connect() as connection:
        for venue, photo, vector in connection.execute(text(STORED)):
            photos = cosines.setdefault(venue, {})
            photos[photo] = max(photos.get(photo, -2.0), float(vector.to_numpy().astype(np.float64) @ asked))
    return dict(sorted(cosines.items(), key=lambda venue: (-max(venue[1].values()), venue[0])))


def hits(services: Services, query: str, limit: int) -> list[VenueHit]:
    request = SearchRequest(query=query, interpret=False, explain=True, limit=limit)
    return services.search.answer(request).results


def assert_photo_is_best(hit: VenueHit, photos: Photos) -> None:
    """The photo that is shown is the nearest, and the venue is as near as that."""
    assert hit.photo is not None
    assert hit.explain is not None
    assert hit.photo.id == max(photos, key=photos.__getitem__)
    assert hit.explain[0].value == pytest.approx(photos[hit.photo.id], abs=1e-4)


@pytest.mark.parametrize("query", QUERIES[:3])
def test_venues_come_in_the_order_of_the_best_view_of_their_photos(crowd: Services, query: str) -> None:
    right = brute_force(crowd, query)
    found = hits(with_index(crowd, "exact"), query, VENUES)

    assert [hit.venue.external_id for hit in found] == list(right)
    for hit in found:
        assert_photo_is_best(hit, right[hit.venue.external_id])


def test_the_index_finds_nearly_the_same_and_no_photo_is_worse_than_it_is(
    crowd: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("venuefinder.store.plans.READ_ROW", 1.0)
    shares = []
    for query in QUERIES:
        right = brute_force(crowd, query)
        with explained() as sent:
            found = hits(crowd, query, 20)
        assert [part.is_leg for part in sent] == [True]
        assert "_hnsw on photo_embeddings" in sent[0].plan
        shares.append(len({hit.venue.external_id for hit in found} & set(list(right)[:20])) / 20)
        for hit in found:
            assert_photo_is_best(hit, right[hit.venue.external_id])
        assert all(one.score >= other.score for one, other in pairwise(found))
    assert np.mean(shares) >= 0.99


def test_each_of_a_venues_photos_counts_once_by_its_best_view(crowd: Services) -> None:
    """Else the views of one photo would take the places of the photos that may come in its stead."""
    space = crowd.spaces.require(crowd.encoder.space)
    asked = crowd.encoder.encode_texts(["alike"])[0]
    right = brute_force(crowd, "alike")
    names = list(right)[:: VENUES // 20]

    scored = crowd.index.scores_of(names, Question(photo=asked, formula=Formula(photo=Leg(weight=1.0))), space=space)

    assert {venue.external_id for venue in scored} == set(names)
    for venue in scored:
        photos = sorted(right[venue.external_id].items(), key=lambda photo: -photo[1])[:PHOTOS_PER_VENUE]
        assert [photo_id for photo_id, _ in venue.photos] == [photo_id for photo_id, _ in photos]
        assert [cosine for _, cosine in venue.photos] == pytest.approx([cosine for _, cosine in photos], abs=1e-4)
