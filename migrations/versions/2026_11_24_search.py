"""Pictures to search with, the index's tuning, backgrounds of picture queries, places by their coordinates."""

from alembic import op

revision = "2026_11_24_search"
down_revision = "2026_11_23_catalogue"
branch_labels = None
depends_on = None

SPACES = """
ALTER TABLE embedding_spaces
    ADD COLUMN image_quantiles real[],
    ADD COLUMN image_mean double precision,
    ADD COLUMN image_std double precision CONSTRAINT embedding_spaces_image_std_check CHECK (image_std >= 0),
    ADD COLUMN image_pairs integer,
    ADD COLUMN tuned_ef_search integer,
    ADD COLUMN tuned_recall double precision,
    ADD COLUMN tuned_photos integer,
    ADD CONSTRAINT embedding_spaces_tuned_whole_check
        CHECK (num_nulls(tuned_ef_search, tuned_recall, tuned_photos) IN (0, 3)),
    ADD CONSTRAINT embedding_spaces_tuned_ef_search_check CHECK (tuned_ef_search BETWEEN 1 AND 1000);
COMMENT ON COLUMN embedding_spaces.tuned_ef_search IS 'least hnsw.ef_search that reached the target recall';
"""

PICTURES = """
CREATE TABLE query_pictures (
    id text PRIMARY KEY,
    space_id integer NOT NULL REFERENCES embedding_spaces (id) ON DELETE CASCADE,
    embedding halfvec NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX query_pictures_created_at_idx ON query_pictures (created_at);
"""

# What a venue's rooms come to stands with the venue, so that filters on guests need not read rooms.
LAYOUTS = ("seated", "standing", "theatre", "classroom", "boardroom", "cabaret", "largest")
ROOMS = f"""
ALTER TABLE venues {", ".join(f"ADD COLUMN rooms_{name} integer" for name in LAYOUTS)}, ADD COLUMN rooms_currency text;
{"".join(f"COMMENT ON COLUMN venues.rooms_{name} IS 'the most that one of the rooms holds';" for name in LAYOUTS)}
COMMENT ON COLUMN venues.rooms_currency IS 'of the rooms'' own prices; * where they differ';
UPDATE venues v SET {", ".join(f"rooms_{name} = r.{name}" for name in LAYOUTS)},
    rooms_currency = CASE WHEN r.first < r.last THEN '*' ELSE r.first END
FROM (
    SELECT venue_id, {", ".join(f"max(capacity_{name}) AS {name}" for name in LAYOUTS)},
           min(price_currency) AS first, max(price_currency) AS last
    FROM rooms GROUP BY venue_id
) r
WHERE r.venue_id = v.id;
"""  # noqa: S608 - names of ours

# Long texts move out of the row, so that filters, totals and facets read fewer pages: PostgreSQL does this only to rows
# above 2 kB, and to those written before when they are written again. What filters ask for most is a twelfth of the
# pages in an index, which is read instead of the rows.
VENUES = """
CREATE INDEX venues_place_idx ON venues (latitude, longitude);
CREATE INDEX venues_attributes_idx ON venues USING gin (attributes jsonb_path_ops);
CREATE INDEX venues_name_idx ON venues (lower(name), external_id);
CREATE INDEX venues_facts_idx ON venues (id) INCLUDE (
    kind, city, country, latitude, longitude,
    capacity_seated, capacity_standing, capacity_theatre, capacity_classroom, capacity_boardroom, capacity_cabaret,
    capacity_largest, price_amount, price_currency, price_unit, price_minimum_spend, price_minimum_hours,
    rooms_seated, rooms_standing, rooms_theatre, rooms_classroom, rooms_boardroom, rooms_cabaret, rooms_largest,
    rooms_currency
);
CREATE INDEX venues_name_words_idx ON venues USING hash ((strip(to_tsvector('english', name))::text));
ALTER TABLE venues SET (toast_tuple_target = 256);
"""

# Scores have a leg more; what was fitted to those of before no longer fits.
CALIBRATORS = """
UPDATE embedding_spaces SET calibrator_slope = NULL, calibrator_intercept = NULL, calibrator_pairs = NULL;
"""


def upgrade() -> None:
    for script in (SPACES, PICTURES, ROOMS, VENUES, CALIBRATORS):
        op.execute(script)


def downgrade() -> None:
    op.execute("ALTER TABLE venues RESET (toast_tuple_target)")
    op.execute("DROP INDEX venues_place_idx, venues_attributes_idx, venues_name_idx, venues_name_words_idx")
    op.execute("DROP INDEX venues_facts_idx")
    op.execute(
        f"ALTER TABLE venues DROP COLUMN rooms_currency, {', '.join(f'DROP COLUMN rooms_{name}' for name in LAYOUTS)}"
    )
    op.execute("DROP TABLE query_pictures")
    op.execute(
        "ALTER TABLE embedding_spaces DROP COLUMN image_quantiles, DROP COLUMN image_mean, DROP COLUMN image_std, "
        "DROP COLUMN image_pairs, DROP COLUMN tuned_ef_search, DROP COLUMN tuned_recall, DROP COLUMN tuned_photos"
    )
