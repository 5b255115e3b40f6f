"""What an actor makes of a chunk, without a cluster: what the local engine makes, or the error that ended it. With a
cluster: tests/soak/test_ray_nodes.py."""

import pickle
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ingest.engines import engine_of, local_engine
from ingest.options import RunOptions
from ingest.pipeline import EncodedVenue
from ingest.planner import VenueWork, plan
from ingest.ray_cluster import Share, share_of_cluster
from ingest.ray_engine import RayEngine
from ingest.ray_worker import RayWorker, Recipe
from ingest.sources import FoundVenue, open_source
from ingest.stages import Stages
from tests.catalogues import write_folder
from venuefinder.bootstrap import Services
from venuefinder.errors import ConfigurationError, SpaceError
from venuefinder.records import StoredSpace
from venuefinder.settings import Settings
from venuefinder.testing import FakeEncoder

SETTINGS = Settings(_env_file=None, batch_size=2, decode_threads=2)


def load(_spec: str, _views: int) -> FakeEncoder:
    return FakeEncoder()


def load_others(_spec: str, _views: int) -> FakeEncoder:
    return FakeEncoder(weights="other")


@pytest.fixture
def works(tmp_path: Path) -> list[VenueWork]:
    """Four venues with eight photos, one of them broken."""
    folder = write_folder(tmp_path / "venues")
    (folder / "red-barn" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    found = [item for item in open_source(folder) if isinstance(item, FoundVenue)]
    return [plan(item, None, source=str(folder), verify=False) for item in found]


def recipe(load: object) -> Recipe:
    """Return what a driver sends: pickled and unpickled."""
    space = StoredSpace(id=1, space=FakeEncoder().space)
    made: Recipe = pickle.loads(pickle.dumps(Recipe(SETTINGS, space, load)))  # type: ignore[arg-type] # noqa: S301
    return made


def told(venue: EncodedVenue) -> tuple[object, ...]:
    read = sorted(venue.read, key=lambda draft: draft.uri)
    vectors = [draft.embeddings for draft in read if draft.embeddings is not None]
    return [replace(draft, embeddings=None) for draft in read], np.concatenate(vectors).tolist(), venue.failures


def test_an_actor_makes_what_the_local_engine_makes(works: list[VenueWork]) -> None:
    services = Services(SETTINGS, encoder=FakeEncoder())
    local = {
        venue.work.found.listing.external_id: told(venue)
        for venue in local_engine(services, Stages(), lambda _: {}).run(works)
    }
    stages = Stages()
    engine = RayEngine(services, stages, address=None)
    row = RayWorker(recipe(load))({"works": [engine._sent(works)]})
    made = {venue.work.found.listing.external_id: told(venue) for venue in engine._received(iter([row]))}
    assert made == local
    assert stages.waited["encode"] + stages.waited["decode"] > 0


def test_an_actor_with_other_weights_says_so_instead_of_mixing_spaces(works: list[VenueWork]) -> None:
    engine = RayEngine(Services(SETTINGS, encoder=FakeEncoder()), Stages(), address=None)
    row = RayWorker(recipe(load_others))({"works": [engine._sent(works)]})
    with pytest.raises(SpaceError, match="makes vectors of another space on this machine"):
        list(engine._received(iter([row])))


def test_keys_and_passwords_stay_with_the_driver() -> None:
    secret, space = "s3cret", StoredSpace(id=1, space=FakeEncoder().space)
    settings = Settings(
        _env_file=None,
        database_url=f"postgresql://user:{secret}@localhost/venues",
        api_key=secret,
        vlm_api_key=secret,
        sources={"web": f"https://photos.example/venues.jsonl?signature={secret}"},
    )
    services = Services(settings, encoder=FakeEncoder())
    services.__dict__["catalogue"] = SimpleNamespace(space=space)  # which would ask the database
    sent = RayEngine(services, Stages(), address=None)._recipe(Share(1, 1.0, 0.0))
    assert secret.encode() not in pickle.dumps(sent)
    assert sent.settings.fetch_allow == settings.fetch_allow


@pytest.mark.parametrize(
    ("nodes", "share"),
    [
        ([{"CPU": 16.0, "GPU": 2.0}, {"CPU": 8.0, "GPU": 1.0}, {"CPU": 4.0}], Share(3, 8.0, 1.0)),
        ([{"CPU": 8.0}, {"CPU": 6.0}, {"memory": 1.0}], Share(2, 3.0, 0.0)),
        ([{"CPU": 1.0}], Share(1, 0.5, 0.0)),
    ],
)
def test_an_actor_a_gpu_or_else_one_a_node(
    monkeypatch: pytest.MonkeyPatch, nodes: list[dict[str, float]], share: Share
) -> None:
    """GPUs were looked for beside the resources of a node, where there are none, and so never used."""
    told = [{"Alive": True, "Resources": node} for node in nodes]
    gone = {"Alive": False, "Resources": {"CPU": 1.0, "GPU": 8.0}}
    monkeypatch.setattr("ray.nodes", lambda: [*told, gone])
    assert share_of_cluster() == share


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "ray.data", raising=False)
    with pytest.raises(ConfigurationError, match=r"pip install 'venuefinder\[ray\]'"):
        engine_of(RunOptions(engine="ray"), Services(SETTINGS, encoder=FakeEncoder()), Stages(), lambda _: {})
