"""Catalogue, embedding spaces, embeddings, ingestion runs."""

from alembic import op

revision = "2026_11_23_catalogue"
down_revision = None

LAYOUTS = ("seated", "standing", "theatre", "classroom", "boardroom", "cabaret")


def _offer(table: str) -> str:
    capacities = ", ".join(
        f"capacity_{name} integer CONSTRAINT {table}_capacity_{name}_check CHECK (capacity_{name} > 0)"
        for name in LAYOUTS
    )
    largest = ", ".join(f"capacity_{name}" for name in LAYOUTS)
    return f"""
        {capacities},
        capacity_largest integer GENERATED ALWAYS AS (greatest({largest})) STORED,
        price_amount numeric(12, 2) CONSTRAINT {table}_price_amount_check CHECK (price_amount >= 0),
        price_currency text CONSTRAINT {table}_price_currency_check CHECK (price_currency ~ '^[A-Z]{{3}}$'),
        price_unit text CONSTRAINT {table}_price_unit_check
            CHECK (price_unit IN ('event', 'hour', 'day', 'head')),
        price_minimum_spend numeric(12, 2) CONSTRAINT {table}_price_minimum_spend_check
            CHECK (price_minimum_spend >= 0),
        price_minimum_hours double precision CONSTRAINT {table}_price_minimum_hours_check
            CHECK (price_minimum_hours > 0 AND price_minimum_hours <= 8760),
        CONSTRAINT {table}_price_whole_check
            CHECK (num_nulls(price_amount, price_currency, price_unit) IN (0, 3))
    """


CATALOGUE = f"""
CREATE TABLE venues (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    external_id text NOT NULL UNIQUE
        CONSTRAINT venues_external_id_check CHECK (external_id ~ '^[A-Za-z0-9._~-]{{1,200}}$'),
    name text NOT NULL CONSTRAINT venues_name_check CHECK (name <> ''),
    description text NOT NULL DEFAULT '',
    kind text,
    url text,
    address text,
    city text,
    country text CONSTRAINT venues_country_check CHECK (country ~ '^[A-Z]{{2}}$'),
    latitude double precision CONSTRAINT venues_latitude_check CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CONSTRAINT venues_longitude_check CHECK (longitude BETWEEN -180 AND 180),
    {_offer("venues")},
    amenities text[] NOT NULL DEFAULT '{{}}',
    attributes jsonb NOT NULL DEFAULT '{{}}'
        CONSTRAINT venues_attributes_check CHECK (jsonb_typeof(attributes) = 'object'),
    source text,
    search_text tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english', name), 'A') ||
        setweight(to_tsvector('english', coalesce(kind, '') || ' ' || coalesce(city, '')), 'B') ||
        setweight(to_tsvector('english', description), 'C')
    ) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT venues_coordinates_whole_check CHECK (num_nulls(latitude, longitude) IN (0, 2))
);
CREATE INDEX venues_amenities_idx ON venues USING gin (amenities);
CREATE INDEX venues_search_text_idx ON venues USING gin (search_text);
CREATE INDEX venues_city_idx ON venues (lower(city));
CREATE INDEX venues_kind_idx ON venues (kind);
CREATE INDEX venues_source_idx ON venues (source);

CREATE TABLE rooms (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    venue_id bigint NOT NULL REFERENCES venues (id) ON DELETE CASCADE,
    position integer NOT NULL CONSTRAINT rooms_position_check CHECK (position >= 0),
    name text NOT NULL CONSTRAINT rooms_name_check CHECK (name <> ''),
    {_offer("rooms")},
    UNIQUE (venue_id, name)
);

CREATE TABLE photos (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    venue_id bigint NOT NULL REFERENCES venues (id) ON DELETE CASCADE,
    room text,
    position integer NOT NULL CONSTRAINT photos_position_check CHECK (position >= 0),
    uri text NOT NULL CONSTRAINT photos_uri_check CHECK (uri <> ''),
    location text NOT NULL,
    caption text,
    content_hash bytea NOT NULL CONSTRAINT photos_content_hash_check CHECK (length(content_hash) = 32),
    file_bytes bigint NOT NULL CONSTRAINT photos_file_bytes_check CHECK (file_bytes > 0),
    file_mtime_ns bigint,
    width integer NOT NULL,
    height integer NOT NULL,
    format text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (venue_id, uri),
    UNIQUE (id, venue_id),
    CONSTRAINT photos_size_check CHECK (width > 0 AND height > 0)
);
COMMENT ON COLUMN photos.uri IS 'as the listing names it; public';
COMMENT ON COLUMN photos.location IS 'where the original is: an absolute path or upload:<sha256>; private';
"""

EMBEDDINGS = """
CREATE TABLE embedding_spaces (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE CONSTRAINT embedding_spaces_key_check CHECK (key ~ '^[0-9a-f]{64}$'),
    name text NOT NULL,
    encoder text NOT NULL,
    weights text NOT NULL CONSTRAINT embedding_spaces_weights_check CHECK (weights ~ '^[0-9a-f]{64}$'),
    dimension integer NOT NULL CONSTRAINT embedding_spaces_dimension_check CHECK (dimension BETWEEN 1 AND 4000),
    facts jsonb NOT NULL,
    background_photos integer,
    photo_quantiles real[],
    photo_mean double precision,
    photo_std double precision,
    photo_pairs integer,
    text_quantiles real[],
    text_mean double precision,
    text_std double precision,
    text_pairs integer,
    calibrator_slope double precision CONSTRAINT embedding_spaces_calibrator_slope_check
        CHECK (calibrator_slope > 0 AND calibrator_slope < 'Infinity'),
    calibrator_intercept double precision CONSTRAINT embedding_spaces_calibrator_intercept_check
        CHECK (calibrator_intercept > '-Infinity' AND calibrator_intercept < 'Infinity'),
    calibrator_pairs integer CONSTRAINT embedding_spaces_calibrator_pairs_check CHECK (calibrator_pairs > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT embedding_spaces_std_check CHECK (photo_std >= 0 AND text_std >= 0),
    CONSTRAINT embedding_spaces_calibrator_whole_check
        CHECK (num_nulls(calibrator_slope, calibrator_intercept, calibrator_pairs) IN (0, 3))
);
COMMENT ON COLUMN embedding_spaces.photo_quantiles IS 'cosines of unrelated photo-query pairs, 0th to 100th percentile';
COMMENT ON COLUMN embedding_spaces.calibrator_slope IS 'of scores against these backgrounds, forgotten with them';

CREATE TABLE photo_embeddings (
    space_id integer NOT NULL REFERENCES embedding_spaces (id),
    photo_id bigint NOT NULL,
    view smallint NOT NULL CONSTRAINT photo_embeddings_view_check CHECK (view >= 0),
    venue_id bigint NOT NULL,
    embedding halfvec NOT NULL,
    PRIMARY KEY (space_id, photo_id, view),
    FOREIGN KEY (photo_id, venue_id) REFERENCES photos (id, venue_id) ON DELETE CASCADE
) PARTITION BY LIST (space_id);

CREATE TABLE description_embeddings (
    space_id integer NOT NULL REFERENCES embedding_spaces (id),
    venue_id bigint NOT NULL REFERENCES venues (id) ON DELETE CASCADE,
    chunk smallint NOT NULL CONSTRAINT description_embeddings_chunk_check CHECK (chunk >= 0),
    content text NOT NULL,
    embedding halfvec NOT NULL,
    PRIMARY KEY (space_id, venue_id, chunk)
) PARTITION BY LIST (space_id);
"""

RUNS = """
CREATE TABLE ingestion_runs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    space_id integer NOT NULL REFERENCES embedding_spaces (id),
    state text NOT NULL CONSTRAINT ingestion_runs_state_check
        CHECK (state IN ('running', 'done', 'failed', 'interrupted')),
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    report jsonb,
    CONSTRAINT ingestion_runs_finished_check CHECK ((state = 'running') = (finished_at IS NULL))
);
CREATE INDEX ingestion_runs_source_idx ON ingestion_runs (source);

CREATE TABLE ingestion_failures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id bigint NOT NULL REFERENCES ingestion_runs (id) ON DELETE CASCADE,
    uri text NOT NULL,
    reason text NOT NULL
);
CREATE INDEX ingestion_failures_run_id_idx ON ingestion_failures (run_id);
"""


def upgrade() -> None:
    for script in (CATALOGUE, EMBEDDINGS, RUNS):
        op.execute(script)


def downgrade() -> None:
    op.execute(
        "DROP TABLE ingestion_failures, ingestion_runs, description_embeddings, photo_embeddings, "
        "embedding_spaces, photos, rooms, venues"
    )
