"""From which cosine on a photo is said to show a phrase, one rule an embedding space."""

from alembic import op

revision = "2026_11_24_seen_rule"
down_revision = "2026_11_24_search"

COLUMNS = ("threshold", "precision", "recall", "pairs", "phrases", "slope", "intercept")
UPGRADE = """
ALTER TABLE embedding_spaces
    ADD COLUMN seen_threshold double precision
        CONSTRAINT embedding_spaces_seen_threshold_check CHECK (seen_threshold BETWEEN -1.01 AND 1.01),
    ADD COLUMN seen_precision double precision
        CONSTRAINT embedding_spaces_seen_precision_check CHECK (seen_precision BETWEEN 0 AND 1),
    ADD COLUMN seen_recall double precision
        CONSTRAINT embedding_spaces_seen_recall_check CHECK (seen_recall BETWEEN 0 AND 1),
    ADD COLUMN seen_pairs integer CONSTRAINT embedding_spaces_seen_pairs_check CHECK (seen_pairs > 0),
    ADD COLUMN seen_phrases integer CONSTRAINT embedding_spaces_seen_phrases_check CHECK (seen_phrases > 0),
    ADD COLUMN seen_slope double precision
        CONSTRAINT embedding_spaces_seen_slope_check CHECK (seen_slope > 0 AND seen_slope < 'Infinity'),
    ADD COLUMN seen_intercept double precision CONSTRAINT embedding_spaces_seen_intercept_check
        CHECK (seen_intercept > '-Infinity' AND seen_intercept < 'Infinity'),
    ADD CONSTRAINT embedding_spaces_seen_whole_check
        CHECK (num_nulls(seen_threshold, seen_precision, seen_recall, seen_pairs, seen_phrases, seen_slope,
                         seen_intercept) IN (0, 7));
COMMENT ON COLUMN embedding_spaces.seen_threshold IS 'cosine from which on a photo is said to show a phrase';
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("ALTER TABLE embedding_spaces " + ", ".join(f"DROP COLUMN seen_{name}" for name in COLUMNS))
