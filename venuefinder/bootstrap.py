"""Settings in, services out: the one place that knows which adapter stands behind which seam."""

from functools import cached_property
from hashlib import sha256
from types import TracebackType
from typing import Self

from venuefinder.calibrating.calibrate import Calibration
from venuefinder.calibrating.calibrate_seen import SeenCalibration
from venuefinder.catalogue import Catalogue
from venuefinder.decoding import BoundedDecoder
from venuefinder.describing.describe import Describing
from venuefinder.describing.venue_questions import ANSWERS_KEPT, VenueQuestions, Words
from venuefinder.errors import SpaceGoneError, VisionOffError
from venuefinder.events import Events
from venuefinder.ingestions import Ingestions
from venuefinder.kept_prompts import KeptPrompts
from venuefinder.originals import Originals
from venuefinder.originals.buckets import Buckets
from venuefinder.originals.kept import open_store
from venuefinder.originals.network import Network
from venuefinder.originals.web import Web
from venuefinder.pictures import Pictures
from venuefinder.protocols import Encoder, TextEncoder
from venuefinder.query.gazetteer import WorldGazetteer
from venuefinder.queue.deferring import TaskQueue
from venuefinder.recommending.recommend import Recommend
from venuefinder.recommending.similar import Similar
from venuefinder.records import StoredSpace
from venuefinder.reranking import Reranking
from venuefinder.reranking.calibrating import Judging, RerankCalibration
from venuefinder.reranking.fusions import Fusions
from venuefinder.reranking.labelled import LabelledVenues
from venuefinder.reranking.photos import CandidatePhotos
from venuefinder.reranking.running import VERDICTS_KEPT, Running
from venuefinder.reranking.scoring import Scoring
from venuefinder.reranking.token import secret_of
from venuefinder.searching.asking import Asking
from venuefinder.searching.query_encoder import QueryEncoder
from venuefinder.searching.search import Search
from venuefinder.sharing import forget_own, shared
from venuefinder.spaces.current_space import CurrentSpace
from venuefinder.spaces.indexing import Indexing
from venuefinder.spaces.switching import Switching
from venuefinder.spaces.tuning import Tuner
from venuefinder.store.changes import CatalogueChanges
from venuefinder.store.events import EventRepository
from venuefinder.store.facets import FacetRepository
from venuefinder.store.fusions import FusionRepository
from venuefinder.store.jobs import JobRepository
from venuefinder.store.originals import OriginalRepository
from venuefinder.store.pictures import PictureRepository
from venuefinder.store.portraits import PortraitGallery
from venuefinder.store.vocabulary import CatalogueVocabulary
from venuefinder.stores import Stores
from venuefinder.upkeep.removals import Removals
from venuefinder.upkeep.tagging import Tagging
from venuefinder.upkeep.tidying import Tidying
from venuefinder.uploads import Uploads
from venuefinder.variant_cache import VariantCache
from venuefinder.variants import Variants
from venuefinder.vision.kept_readings import KeptReadings
from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_inputs import PhotoInputs
from venuefinder.vision.taking_turns import TakingTurns


class Services(Stores):
    """Everything an entry point needs, each made when first asked for.

    `encoder`, `database` and `vision` replace those the settings name, and stay the caller's to close; `load` replaces
    the registry of encoders. Close what was made here by `close`, or by using it as a context manager.
    """

    def beside(self, encoder: Encoder) -> "Services":
        """Return services of another encoder that share everything else with these, which must be closed after them."""
        other = Services(self.settings, encoder=encoder, vision=self._vision, load=self._load)
        other.lender, other._loading = self, self._loading
        return other

    def in_space(self, stored: StoredSpace) -> "Services":
        """Return services of a space's encoder beside these. Raises as `encoder_of`."""
        return self.beside(self.encoder_of(stored))

    def retire(self) -> None:
        """Let go of all that is about this encoder, once nobody uses it; what is shared stays open."""
        if "reranking" in self.__dict__:
            self.reranking.close()
        forget_own(self)

    @cached_property
    def photo_inputs(self) -> PhotoInputs:
        """The photos of venues, for models that look at them."""
        vectors = self.photo_vectors
        return PhotoInputs(self.venues, vectors, self.encoder.space, self.originals, self.decoder)

    @cached_property
    def shared_vision(self) -> VisionLanguageModel:
        """The vision-language model for callers who come together; raises VisionOffError where it is off."""
        if self.vision is None:
            raise VisionOffError
        return TakingTurns(self.vision)

    @cached_property
    def describing(self) -> Describing:
        """The use case of describing venues; raises VisionOffError where the model is off."""
        model = KeptReadings(self.shared_vision, self.readings)
        seen, most = self.settings.vlm_seen, self.settings.vlm_described_photos
        return Describing(self.photo_inputs, model, seen=seen, most_photos=most)

    @cached_property
    def questions(self) -> VenueQuestions:
        """The use case of asking about a venue; raises VisionOffError where the model is off."""
        model = KeptReadings(self.shared_vision, self.readings, lifetime=ANSWERS_KEPT)
        words = Words(CatalogueVocabulary(self.database), self.gazetteer)
        seen, most = self.settings.vlm_seen, self.settings.vlm_described_photos
        return VenueQuestions(self.photo_inputs, model, words, seen=seen, most_photos=most)

    @cached_property
    def prompts(self) -> TextEncoder:
        """Encodes lists of texts that never change: each is encoded once a machine."""
        return KeptPrompts(self.encoder, self.settings.data_dir / "cache" / "prompts")

    @cached_property
    def tagging(self) -> Tagging:
        """The use case of tagging photos, in the encoder's space; raises SpaceError where nothing is embedded in it."""
        from venuefinder.vlm.photo_kinds import PhotoKinds

        return Tagging(self.tags, PhotoKinds(self.prompts), self.spaces.require(self.encoder.space))

    @cached_property
    def tidying(self) -> Tidying:
        """The use case of keeping the catalogue clean; raises as `tagging` does."""
        pixels = self.settings.max_pixels
        return Tidying(self.looks, self.originals.of, self.tagging, self.readings, max_pixels=pixels)

    @property
    def switching(self) -> Switching:
        """The use case of changing the model."""
        return Switching(self.spaces, self.activations)

    def pin_warning(self) -> str | None:
        """Return what to say where this machine's settings pin another encoder than that of the space that serves."""
        active = self.activations.active()
        return self.pinned_beside(active) if active else None

    @shared
    def originals(self) -> Originals:
        """The original photos."""
        settings = self.settings
        kept = open_store(settings.photo_store, settings.data_dir / "photos", self.network.buckets)
        return Originals(kept, self.network, max_bytes=settings.max_photo_bytes)

    @shared
    def network(self) -> Network:
        """What reads from the web and from buckets."""
        settings = self.settings
        allow = settings.fetch_allow.split(",")
        web = Web(max_bytes=settings.max_photo_bytes, timeout=settings.fetch_timeout, allow=allow)
        return Network(web, Buckets(timeout=settings.fetch_timeout))

    @shared
    def decoder(self) -> BoundedDecoder:
        """What decodes photos for requests."""
        return BoundedDecoder(max_pixels=self.settings.max_pixels)

    @shared
    def variant_cache(self) -> VariantCache:
        """The rendered pictures that are kept."""
        return VariantCache(self.settings.data_dir / "cache" / "variants")

    @shared
    def variants(self) -> Variants:
        """The pictures of photos."""
        return Variants(self.originals, self.decoder, self.variant_cache)

    @cached_property
    def removals(self) -> Removals:
        """The removals use case."""
        uses = OriginalRepository(self.database)
        return Removals(self.catalogue, self.originals, uses, self.variant_cache, self.readings)

    @cached_property
    def uploads(self) -> Uploads:
        """The uploads use case, in the encoder's space, which is made if need be."""
        return Uploads(self.catalogue, self.encoder, self.decoder, self.originals, self.removals, self.tagging)

    @cached_property
    def pictures(self) -> Pictures:
        """The pictures to search with."""
        store, limit = PictureRepository(self.database), self.settings.max_photo_bytes
        return Pictures(store, self.spaces, self.encoder, self.decoder, max_bytes=limit)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue, in the encoder's space, which is made if need be."""
        return Catalogue(self.venues, self.encoder, self._space_to_fill())

    def _space_to_fill(self) -> StoredSpace:
        """Return the encoder's space, made if need be; one that was followed and is gone is not made again."""
        space = self.encoder.space
        if self.pinned or self.activations.active_id() is None:
            return self.spaces.ensure(space)
        if found := self.spaces.find(space):
            return found
        raise SpaceGoneError(f"space {space.name!r}: it was dropped; another serves, see venuefinder spaces list")

    @cached_property
    def queries(self) -> QueryEncoder:
        """What encodes queries, and remembers them."""
        return QueryEncoder(self.encoder)

    @cached_property
    def current_space(self) -> CurrentSpace:
        """The space that the use cases answer from."""
        return CurrentSpace(self.spaces, self.prompts)

    @cached_property
    def search(self) -> Search:
        """The search use case."""
        return Search(self.current_space, self.index, self.asking, FacetRepository(self.database))

    @cached_property
    def recommend(self) -> Recommend:
        """The recommendation use case."""
        gallery = PortraitGallery(self.database, self.settings.index)
        return Recommend(self.current_space, gallery, self.asking, self.pictures, self.events)

    @cached_property
    def similar(self) -> Similar:
        """The use case of venues like one."""
        return Similar(self.recommend.answer, self.current_space, CatalogueChanges(self.database))

    @cached_property
    def events(self) -> Events:
        """The use case of what people did with venues."""
        return Events(EventRepository(self.database))

    @cached_property
    def reranking(self) -> Reranking:
        """The reranking use case. The model is loaded by the first rerank, in its own thread."""
        backend = self._vision.identity.backend if self._vision else self.settings.vlm.partition(":")[0]
        running = Running(self._reranker, lambda: self._scoring, lambda: self.describing, self._fusions)
        return Reranking(self.search.answer, running, backend=backend, secret=self.secret)

    @shared
    def secret(self) -> bytes:
        """What the addresses of reranks are signed with."""
        return secret_of(self.settings.api_key)

    def _reranker(self) -> VisionLanguageModel | None:
        model = self.vision
        return KeptReadings(model, self.readings, lifetime=VERDICTS_KEPT) if model else None

    @cached_property
    def _fusions(self) -> Fusions:
        store, photos = FusionRepository(self.database), self.settings.vlm_photos
        return Fusions(store, lambda: self.encoder.space.key, photos=photos, setting=self._vlm_setting)

    @property
    def _vlm_setting(self) -> str:
        return sha256(self.settings.vlm.encode()).hexdigest()

    @cached_property
    def rerank_calibration(self) -> RerankCalibration:
        """The use case of measuring what reranking lifts; loads the model."""
        venues = LabelledVenues(self.spaces, self.index, self.asking)
        store, photos = FusionRepository(self.database), self.settings.vlm_photos
        judging = Judging(self._reranker(), self._scoring, photos=photos, setting=self._vlm_setting)
        return RerankCalibration(venues, judging, store)

    @cached_property
    def _scoring(self) -> Scoring:
        photos = CandidatePhotos(
            self.photo_inputs, lambda text: self.queries.encode(text).vector, most=self.settings.vlm_photos
        )
        return Scoring(photos)

    @shared
    def gazetteer(self) -> WorldGazetteer:
        """Places of the world by name; read when first asked, in a second or two."""
        return WorldGazetteer()

    @cached_property
    def asking(self) -> Asking:
        """What understands and encodes requests."""
        return Asking(self.queries, self.pictures, CatalogueVocabulary(self.database), self.gazetteer)

    @cached_property
    def calibration(self) -> Calibration:
        """The calibration use case."""
        return Calibration(self.spaces, self.index, self.asking)

    @cached_property
    def indexing(self) -> Indexing:
        """The indexing use case, for the index the settings name."""
        target = self.settings.target_recall
        tuner = Tuner(self.spaces, self.index, self.indexes, self.encoder, target)
        return Indexing(self.indexes, tuner, self.settings.index, target)

    @shared
    def queue(self) -> TaskQueue:
        """What hands jobs to workers."""
        return TaskQueue(self.database.driver_options)

    @cached_property
    def ingestions(self) -> Ingestions:
        """The use case of ingestion jobs."""
        return Ingestions(JobRepository(self.database), self.queue, self.settings.sources)

    @cached_property
    def seen_calibration(self) -> SeenCalibration:
        """The use case of fitting what is seen."""
        return SeenCalibration(self.spaces, self.photo_vectors, self.queries)

    def close(self) -> None:
        """Let go of model and database; the last process to let go of an embedded database stops it."""
        if "queue" in self.__dict__:
            self.queue.close()
        if "reranking" in self.__dict__:
            self.reranking.close()
        if "network" in self.__dict__:
            self.network.close()
        self._close_models()
        if self._database is None and "unchecked_database" in self.__dict__:
            self.unchecked_database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
