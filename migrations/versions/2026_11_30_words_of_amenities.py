"""What a venue lists as amenities counts as its words, as what its description says does.

PostgreSQL does not take array_to_string for immutable, since some types print differently by settings; text does not.
"""

from alembic import op

revision = "2026_11_30_words_of_amenities"
down_revision = "2026_11_30_one_task_a_job"

OF_BEFORE = (
    "setweight(to_tsvector('english', name), 'A') || "
    "setweight(to_tsvector('english', coalesce(kind, '') || ' ' || coalesce(city, '')), 'B') || "
    "setweight(to_tsvector('english', description), 'C')"
)
LISTED_WORDS = """
CREATE FUNCTION listed_words(terms text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT array_to_string(terms, ' . ') $$
"""
# Scores change; what was fitted to those of before no longer fits.
FITTED = """
UPDATE embedding_spaces SET calibrator_slope = NULL, calibrator_intercept = NULL, calibrator_pairs = NULL;
DELETE FROM rerank_fusions;
"""


def _search_by(words: str) -> None:
    op.execute("ALTER TABLE venues DROP COLUMN search_text")
    op.execute(f"ALTER TABLE venues ADD COLUMN search_text tsvector GENERATED ALWAYS AS ({words}) STORED")
    op.execute("CREATE INDEX venues_search_text_idx ON venues USING gin (search_text)")
    op.execute("ANALYZE venues")
    op.execute(FITTED)


def upgrade() -> None:
    op.execute(LISTED_WORDS)
    _search_by(f"{OF_BEFORE} || setweight(to_tsvector('english', listed_words(amenities)), 'C')")


def downgrade() -> None:
    _search_by(OF_BEFORE)
    op.execute("DROP FUNCTION listed_words")
