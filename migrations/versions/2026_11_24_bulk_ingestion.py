"""Photos copied into our own store, failures by kind and venue, runs that end cancelled or outlive their space."""

from alembic import op

revision = "2026_11_24_bulk_ingestion"
down_revision = "2026_11_24_rerank_fusion"

UPGRADE = """
ALTER TABLE photos ADD COLUMN copied boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN photos.copied IS 'its bytes are in our own store';
COMMENT ON COLUMN photos.location IS 'where the original is, see venuefinder.records.PhotoFile; private';
ALTER TABLE ingestion_runs
    ALTER COLUMN space_id DROP NOT NULL,
    DROP CONSTRAINT ingestion_runs_space_id_fkey,
    ADD CONSTRAINT ingestion_runs_space_id_fkey
        FOREIGN KEY (space_id) REFERENCES embedding_spaces ON DELETE SET NULL,
    DROP CONSTRAINT ingestion_runs_state_check,
    ADD CONSTRAINT ingestion_runs_state_check
        CHECK (state IN ('running', 'done', 'failed', 'interrupted', 'cancelled'));
ALTER TABLE ingestion_failures
    ADD COLUMN kind text NOT NULL DEFAULT 'broken',
    ADD COLUMN external_id text;
COMMENT ON COLUMN ingestion_failures.uri IS 'of a photo, or the place of a listing';
COMMENT ON COLUMN ingestion_failures.kind IS 'see venuefinder.errors.FailureKind';
COMMENT ON COLUMN ingestion_failures.external_id IS 'of the venue, where the listing could be read';
"""

DOWNGRADE = """
ALTER TABLE ingestion_failures DROP COLUMN external_id, DROP COLUMN kind;
COMMENT ON COLUMN ingestion_failures.uri IS NULL;
UPDATE ingestion_runs SET state = 'interrupted' WHERE state = 'cancelled';
DELETE FROM ingestion_runs WHERE space_id IS NULL;
ALTER TABLE ingestion_runs
    ALTER COLUMN space_id SET NOT NULL,
    DROP CONSTRAINT ingestion_runs_space_id_fkey,
    ADD CONSTRAINT ingestion_runs_space_id_fkey FOREIGN KEY (space_id) REFERENCES embedding_spaces,
    DROP CONSTRAINT ingestion_runs_state_check,
    ADD CONSTRAINT ingestion_runs_state_check CHECK (state IN ('running', 'done', 'failed', 'interrupted'));
ALTER TABLE photos DROP COLUMN copied;
COMMENT ON COLUMN photos.location IS 'where the original is: an absolute path or upload:<sha256>; private';
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
