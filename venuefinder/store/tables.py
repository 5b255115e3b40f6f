"""The tables, as SQLAlchemy Core sees them. The migrations make them; a test proves that both agree.

Embedding tables are partitioned by space. A parent's `embedding` is an untyped `halfvec`; each leaf fixes the
dimension by a CHECK and an expression index (see `spaces.py`), because a typed leaf cannot be attached.
"""

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.schema import SchemaItem

from venuefinder.domain import LAYOUTS

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

PRICE_COLUMNS = ("price_amount", "price_currency", "price_unit", "price_minimum_spend", "price_minimum_hours")
CAPACITY_COLUMNS = tuple(f"capacity_{layout}" for layout in LAYOUTS)
ROOMS_COLUMNS = (*(f"rooms_{layout}" for layout in LAYOUTS), "rooms_largest", "rooms_currency")
"""Of a venue: what its rooms come to, so that a filter need not read them."""
SEARCH_TEXT = (
    "setweight(to_tsvector('english', name), 'A') || "
    "setweight(to_tsvector('english', coalesce(kind, '') || ' ' || coalesce(city, '')), 'B') || "
    "setweight(to_tsvector('english', description), 'C') || "
    "setweight(to_tsvector('english', listed_words(amenities)), 'C')"
)


def _offer() -> list[SchemaItem]:
    """Return the columns and checks that venues and rooms share: how many fit, what it costs."""
    capacities: list[SchemaItem] = [Column(name, Integer) for name in CAPACITY_COLUMNS]
    largest = Column("capacity_largest", Integer, Computed(f"greatest({', '.join(CAPACITY_COLUMNS)})", persisted=True))
    prices: list[SchemaItem] = [
        Column("price_amount", Numeric(12, 2)),
        Column("price_currency", Text),
        Column("price_unit", Text),
        Column("price_minimum_spend", Numeric(12, 2)),
        Column("price_minimum_hours", Double),
    ]
    checks: list[SchemaItem] = [CheckConstraint(f"{name} > 0", name=name) for name in CAPACITY_COLUMNS]
    checks += [
        CheckConstraint("price_amount >= 0", name="price_amount"),
        CheckConstraint("price_minimum_spend >= 0", name="price_minimum_spend"),
        CheckConstraint("price_minimum_hours > 0 AND price_minimum_hours <= 8760", name="price_minimum_hours"),
        CheckConstraint("price_currency ~ '^[A-Z]{3}$'", name="price_currency"),
        CheckConstraint("price_unit IN ('event', 'hour', 'day', 'head')", name="price_unit"),
        CheckConstraint("num_nulls(price_amount, price_currency, price_unit) IN (0, 3)", name="price_whole"),
    ]
    columns: list[SchemaItem] = [*capacities, largest, *prices]
    return columns + checks


def made_at() -> Column[object]:
    """Return the column that says when a row was made."""
    return Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now())


venues = Table(
    "venues",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("external_id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("kind", Text),
    Column("url", Text),
    Column("address", Text),
    Column("city", Text),
    Column("country", Text),
    Column("latitude", Double),
    Column("longitude", Double),
    *_offer(),
    *(Column(name, Integer, comment="the most that one of the rooms holds") for name in ROOMS_COLUMNS[:-1]),
    Column("rooms_currency", Text, comment="of the rooms' own prices; * where they differ"),
    Column("amenities", ARRAY(Text), nullable=False, server_default="{}"),
    Column("attributes", JSONB, nullable=False, server_default="{}"),
    Column("source", Text),
    Column("search_text", TSVECTOR, Computed(SEARCH_TEXT, persisted=True)),
    Column("city_key", Text, Computed("lower(city)", persisted=True)),
    made_at(),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("external_id ~ '^[A-Za-z0-9._~-]{1,200}$'", name="external_id"),
    CheckConstraint("name <> ''", name="name"),
    CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
    CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
    CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
    CheckConstraint("num_nulls(latitude, longitude) IN (0, 2)", name="coordinates_whole"),
    CheckConstraint("jsonb_typeof(attributes) = 'object'", name="attributes"),
    Index("venues_amenities_idx", "amenities", postgresql_using="gin"),
    Index(
        "venues_attributes_idx",
        "attributes",
        postgresql_using="gin",
        postgresql_ops={"attributes": "jsonb_path_ops"},
    ),
    Index("venues_search_text_idx", "search_text", postgresql_using="gin"),
    Index("venues_name_words_idx", text("(strip(to_tsvector('english', name))::text)"), postgresql_using="hash"),
    Index("venues_city_idx", "city_key", postgresql_include=["id"]),
    Index(
        "venues_facts_idx",
        "id",
        postgresql_include=[
            *("kind", "city", "country", "latitude", "longitude"),
            *CAPACITY_COLUMNS,
            "capacity_largest",
            *PRICE_COLUMNS,
            *ROOMS_COLUMNS,
        ],
    ),
    Index("venues_kind_idx", "kind", postgresql_include=["id"]),
    Index("venues_name_idx", text("lower(name)"), "external_id"),
    Index("venues_place_idx", "latitude", "longitude"),
    Index("venues_source_idx", "source"),
)

rooms = Table(
    "rooms",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("venue_id", BigInteger, ForeignKey("venues.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    *_offer(),
    UniqueConstraint("venue_id", "name"),
    CheckConstraint("name <> ''", name="name"),
    CheckConstraint("position >= 0", name="position"),
)

photos = Table(
    "photos",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("venue_id", BigInteger, ForeignKey("venues.id", ondelete="CASCADE"), nullable=False),
    Column("room", Text),
    Column("position", Integer, nullable=False),
    Column("uri", Text, nullable=False, comment="as the listing names it; public"),
    Column(
        "location",
        Text,
        nullable=False,
        comment="where the original is, see venuefinder.records.PhotoFile; private",
    ),
    Column("copied", Boolean, nullable=False, server_default="false", comment="its bytes are in our own store"),
    Column("caption", Text),
    Column("content_hash", LargeBinary, nullable=False),
    Column("file_bytes", BigInteger, nullable=False),
    Column("file_mtime_ns", BigInteger),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("format", Text, nullable=False),
    Column(
        "duplicate_of",
        BigInteger,
        ForeignKey("photos.id", ondelete="SET NULL"),
        comment="the photo of this venue that is shown instead",
    ),
    Column("flags", ARRAY(Text), nullable=False, server_default="{}", comment="of its look, here for searches"),
    Column(
        "aside",
        Boolean,
        Computed("duplicate_of IS NOT NULL OR flags <> '{}'::text[]", persisted=True),
        nullable=False,
        comment="comes after other photos, or another in its place",
    ),
    made_at(),
    Index("photos_content_hash_idx", "content_hash", postgresql_using="hash"),
    Index("photos_duplicate_of_idx", "duplicate_of", postgresql_where=text("duplicate_of IS NOT NULL")),
    Index("photos_aside_idx", "venue_id", "id", postgresql_where=text("aside")),
    UniqueConstraint("venue_id", "uri"),
    UniqueConstraint("id", "venue_id"),
    CheckConstraint("uri <> ''", name="uri"),
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("length(content_hash) = 32", name="content_hash"),
    CheckConstraint("file_bytes > 0", name="file_bytes"),
    CheckConstraint("width > 0 AND height > 0", name="size"),
)

embedding_spaces = Table(
    "embedding_spaces",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("encoder", Text, nullable=False),
    Column("weights", Text, nullable=False),
    Column("dimension", Integer, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("background_photos", Integer),
    Column("photo_quantiles", ARRAY(REAL), comment="cosines of unrelated photo-query pairs, 0th to 100th percentile"),
    Column("photo_mean", Double),
    Column("photo_std", Double),
    Column("photo_pairs", Integer),
    Column("text_quantiles", ARRAY(REAL)),
    Column("text_mean", Double),
    Column("text_std", Double),
    Column("text_pairs", Integer),
    Column("image_quantiles", ARRAY(REAL)),
    Column("image_mean", Double),
    Column("image_std", Double),
    Column("image_pairs", Integer),
    Column("tuned_ef_search", Integer, comment="least hnsw.ef_search that reached the target recall"),
    Column("tuned_recall", Double),
    Column("tuned_photos", Integer),
    Column("calibrator_slope", Double, comment="of scores against these backgrounds, forgotten with them"),
    Column("calibrator_intercept", Double),
    Column("calibrator_pairs", Integer),
    Column("seen_threshold", Double, comment="cosine from which on a photo is said to show a phrase"),
    Column("seen_precision", Double),
    Column("seen_recall", Double),
    Column("seen_pairs", Integer),
    Column("seen_phrases", Integer),
    Column("seen_slope", Double),
    Column("seen_intercept", Double),
    made_at(),
    CheckConstraint("dimension BETWEEN 1 AND 4000", name="dimension"),
    CheckConstraint("key ~ '^[0-9a-f]{64}$'", name="key"),
    CheckConstraint("weights ~ '^[0-9a-f]{64}$'", name="weights"),
    CheckConstraint("photo_std >= 0 AND text_std >= 0", name="std"),
    CheckConstraint("image_std >= 0", name="image_std"),
    CheckConstraint("num_nulls(tuned_ef_search, tuned_recall, tuned_photos) IN (0, 3)", name="tuned_whole"),
    CheckConstraint("tuned_ef_search BETWEEN 1 AND 1000", name="tuned_ef_search"),
    CheckConstraint(
        "num_nulls(calibrator_slope, calibrator_intercept, calibrator_pairs) IN (0, 3)", name="calibrator_whole"
    ),
    CheckConstraint("calibrator_slope > 0 AND calibrator_slope < 'Infinity'", name="calibrator_slope"),
    CheckConstraint(
        "calibrator_intercept > '-Infinity' AND calibrator_intercept < 'Infinity'", name="calibrator_intercept"
    ),
    CheckConstraint("calibrator_pairs > 0", name="calibrator_pairs"),
    CheckConstraint(
        "num_nulls(seen_threshold, seen_precision, seen_recall, seen_pairs, seen_phrases, seen_slope, seen_intercept) "
        "IN (0, 7)",
        name="seen_whole",
    ),
    CheckConstraint("seen_threshold BETWEEN -1.01 AND 1.01", name="seen_threshold"),
    CheckConstraint("seen_precision BETWEEN 0 AND 1", name="seen_precision"),
    CheckConstraint("seen_recall BETWEEN 0 AND 1", name="seen_recall"),
    CheckConstraint("seen_pairs > 0", name="seen_pairs"),
    CheckConstraint("seen_phrases > 0", name="seen_phrases"),
    CheckConstraint("seen_slope > 0 AND seen_slope < 'Infinity'", name="seen_slope"),
    CheckConstraint("seen_intercept > '-Infinity' AND seen_intercept < 'Infinity'", name="seen_intercept"),
)

photo_embeddings = Table(
    "photo_embeddings",
    metadata,
    Column("space_id", Integer, ForeignKey("embedding_spaces.id"), primary_key=True),
    Column("photo_id", BigInteger, primary_key=True),
    Column("view", SmallInteger, primary_key=True),
    Column("venue_id", BigInteger, nullable=False),
    Column("embedding", HALFVEC, nullable=False),
    ForeignKeyConstraint(["photo_id", "venue_id"], ["photos.id", "photos.venue_id"], ondelete="CASCADE"),
    CheckConstraint("view >= 0", name="view"),
    postgresql_partition_by="LIST (space_id)",
)

description_embeddings = Table(
    "description_embeddings",
    metadata,
    Column("space_id", Integer, ForeignKey("embedding_spaces.id"), primary_key=True),
    Column("venue_id", BigInteger, ForeignKey("venues.id", ondelete="CASCADE"), primary_key=True),
    Column("chunk", SmallInteger, primary_key=True),
    Column("content", Text, nullable=False),
    Column("embedding", HALFVEC, nullable=False),
    CheckConstraint("chunk >= 0", name="chunk"),
    postgresql_partition_by="LIST (space_id)",
)

space_activations = Table(
    "space_activations",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("space_id", Integer, ForeignKey("embedding_spaces.id", ondelete="CASCADE"), nullable=False),
    Column("activated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="the space of the newest row serves",
)

query_pictures = Table(
    "query_pictures",
    metadata,
    Column("id", Text, primary_key=True),
    Column("space_id", Integer, ForeignKey("embedding_spaces.id", ondelete="CASCADE"), nullable=False),
    Column("embedding", HALFVEC, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
)
