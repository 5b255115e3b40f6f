"""Settings in, the database and what is stored out: the repositories of one process, each made when first asked for."""

from functools import cached_property

from venuefinder.models import EncoderLoader, Models
from venuefinder.protocols import Encoder
from venuefinder.records import StoredSpace
from venuefinder.settings import Settings
from venuefinder.sharing import shared
from venuefinder.store.activations import ActivationRepository
from venuefinder.store.backfills import BackfillRepository
from venuefinder.store.database import Database, open_database
from venuefinder.store.failures import FailureRepository
from venuefinder.store.fills import FillRepository
from venuefinder.store.indexes import IndexRepository
from venuefinder.store.look_upkeep import LookUpkeep
from venuefinder.store.nearest import NearestVenues
from venuefinder.store.photo_vectors import PhotoVectors
from venuefinder.store.query_samples import QuerySamples
from venuefinder.store.readings import ReadingRepository
from venuefinder.store.runs import RunRepository
from venuefinder.store.schema import require_current
from venuefinder.store.spaces import SpaceRepository
from venuefinder.store.tags import TagRepository
from venuefinder.store.venues import VenueRepository
from venuefinder.vision.model import VisionLanguageModel


class Stores(Models):
    """The models, the database and its repositories. `database` replaces the one that the settings name."""

    def __init__(
        self,
        settings: Settings,
        *,
        encoder: Encoder | None = None,
        database: Database | None = None,
        vision: VisionLanguageModel | None = None,
        load: EncoderLoader | None = None,
    ) -> None:
        super().__init__(settings, encoder=encoder, vision=vision, load=load)
        self._database = database

    @shared
    def unchecked_database(self) -> Database:
        """The database as it is: for `init` and `doctor`, which mend and judge it."""
        if self._database is not None:
            return self._database
        url = self.settings.database_url
        return open_database(url.get_secret_value() if url else None, self.settings.data_dir)

    @shared
    def database(self) -> Database:
        """The database, with pgvector and the schema of this version; else DatabaseError."""
        self.unchecked_database.check()
        require_current(self.unchecked_database)
        return self.unchecked_database

    def _active(self) -> StoredSpace | None:
        return ActivationRepository(self.unchecked_database).active()

    @cached_property
    def readings(self) -> ReadingRepository:
        """What models read of photos."""
        return ReadingRepository(self.database)

    @cached_property
    def venues(self) -> VenueRepository:
        """The stored venues."""
        return VenueRepository(self.database)

    @cached_property
    def spaces(self) -> SpaceRepository:
        """The embedding spaces."""
        return SpaceRepository(self.database, index=self.settings.index)

    @cached_property
    def activations(self) -> ActivationRepository:
        """Which space serves."""
        return ActivationRepository(self.database)

    @cached_property
    def fills(self) -> FillRepository:
        """How full the spaces are."""
        return FillRepository(self.database)

    @cached_property
    def backfills(self) -> BackfillRepository:
        """What has no embeddings in a space."""
        return BackfillRepository(self.database)

    @property
    def query_samples(self) -> QuerySamples:
        """Queries made of the catalogue."""
        return QuerySamples(self.database)

    @cached_property
    def runs(self) -> RunRepository:
        """The ingestion runs."""
        return RunRepository(self.database)

    @cached_property
    def failures(self) -> FailureRepository:
        """What ingestion runs could not ingest."""
        return FailureRepository(self.database)

    @cached_property
    def index(self) -> NearestVenues:
        """What finds venues near a question, by the index the settings name."""
        return NearestVenues(self.database, self.settings.index)

    @cached_property
    def indexes(self) -> IndexRepository:
        """The approximate indexes."""
        return IndexRepository(self.database)

    @cached_property
    def looks(self) -> LookUpkeep:
        """The looks of photos, and links between copies."""
        return LookUpkeep(self.database)

    @cached_property
    def tags(self) -> TagRepository:
        """The tags of photos."""
        return TagRepository(self.database)

    @cached_property
    def photo_vectors(self) -> PhotoVectors:
        """The embeddings of photos."""
        return PhotoVectors(self.database)
