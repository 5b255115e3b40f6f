"""Which embedding space serves: that of the newest activation. A catalogue's last ingested space starts so."""

from alembic import op

revision = "2026_11_24_active_space"
down_revision = "2026_11_24_ingestion_jobs"

UPGRADE = """
CREATE TABLE space_activations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    space_id integer NOT NULL REFERENCES embedding_spaces ON DELETE CASCADE,
    activated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE space_activations IS 'the space of the newest row serves';
INSERT INTO space_activations (space_id)
SELECT s.id FROM embedding_spaces s
ORDER BY (SELECT max(r.id) FROM ingestion_runs r WHERE r.space_id = s.id) DESC NULLS LAST, s.id DESC LIMIT 1;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE space_activations")
