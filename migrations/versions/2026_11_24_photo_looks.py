"""What photos look like: perceptual hash, what is wrong with one, what kind it is, what it repeats."""

from alembic import op

revision = "2026_11_24_photo_looks"
down_revision = "2026_11_24_active_space"

UPGRADE = """
CREATE TABLE photo_looks (
    content_hash bytea PRIMARY KEY CONSTRAINT photo_looks_content_hash_check CHECK (length(content_hash) = 32),
    version smallint NOT NULL,
    perceptual_hash bigint NOT NULL,
    sharpness real NOT NULL,
    flags text[] NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN photo_looks.version IS 'of what computed it';
CREATE TABLE photo_tags (
    space_id integer NOT NULL REFERENCES embedding_spaces ON DELETE CASCADE,
    photo_id bigint NOT NULL REFERENCES photos ON DELETE CASCADE,
    version text NOT NULL,
    tags text[] NOT NULL,
    probabilities real[] NOT NULL,
    PRIMARY KEY (space_id, photo_id),
    CONSTRAINT photo_tags_probabilities_check CHECK (cardinality(tags) = cardinality(probabilities))
);
COMMENT ON TABLE photo_tags IS 'a photo without tags has a row too: it was looked at';
COMMENT ON COLUMN photo_tags.version IS 'of the prompts and rules that told them';
COMMENT ON COLUMN photo_tags.probabilities IS 'of each tag';
CREATE INDEX photo_tags_photo_id_idx ON photo_tags (photo_id);
ALTER TABLE photos ADD COLUMN duplicate_of bigint REFERENCES photos ON DELETE SET NULL;
COMMENT ON COLUMN photos.duplicate_of IS 'the photo of this venue that is shown instead';
CREATE INDEX photos_duplicate_of_idx ON photos (duplicate_of) WHERE duplicate_of IS NOT NULL;
ALTER TABLE photos ADD COLUMN flags text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN photos.flags IS 'of its look, here for searches';
ALTER TABLE photos ADD COLUMN aside boolean NOT NULL
    GENERATED ALWAYS AS (duplicate_of IS NOT NULL OR flags <> '{}'::text[]) STORED;
COMMENT ON COLUMN photos.aside IS 'comes after other photos, or another in its place';
CREATE INDEX photos_aside_idx ON photos (venue_id, id) WHERE aside;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("ALTER TABLE photos DROP COLUMN aside, DROP COLUMN flags, DROP COLUMN duplicate_of")
    op.execute("DROP TABLE photo_tags, photo_looks")
