"""What people did with venues, under a name that tells nothing of them."""

from alembic import op

revision = "2026_11_30_events"
down_revision = "2026_11_24_photo_looks"

UPGRADE = """
CREATE TABLE user_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_name text NOT NULL,
    event_id text,
    kind text NOT NULL,
    venue_id bigint NOT NULL REFERENCES venues ON DELETE CASCADE,
    happened_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_events_user_name_check CHECK (user_name ~ '^[A-Za-z0-9_-]{8,64}$'),
    CONSTRAINT user_events_event_id_check CHECK (event_id ~ '^[A-Za-z0-9_-]{1,64}$'),
    CONSTRAINT user_events_kind_check CHECK (kind IN ('view', 'save', 'dismiss', 'inquiry'))
);
COMMENT ON COLUMN user_events.user_name IS 'made up by the caller; tells nobody who it is';
COMMENT ON COLUMN user_events.event_id IS 'the caller''s own';
CREATE UNIQUE INDEX user_events_user_name_event_id_idx ON user_events (user_name, event_id)
    WHERE event_id IS NOT NULL;
CREATE INDEX user_events_user_name_happened_at_idx ON user_events (user_name, happened_at);
CREATE INDEX user_events_venue_id_idx ON user_events (venue_id);
CREATE INDEX user_events_happened_at_idx ON user_events (happened_at);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE user_events")
