"""Originals in our own store that a photo let go of, until they are deleted there."""

from alembic import op

revision = "2026_11_30_unused_originals"
down_revision = "2026_11_30_events"

UPGRADE = """
CREATE TABLE unused_originals (
    content_hash bytea PRIMARY KEY CONSTRAINT unused_originals_content_hash_check CHECK (length(content_hash) = 32)
);
COMMENT ON TABLE unused_originals IS
    'let go of by a photo; deleted from the store by the next sweep, unless another photo has them';
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE unused_originals")
