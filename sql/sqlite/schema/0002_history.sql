-- Where each room's messages are, place by place: a table of its own, so that a message costs
-- no page of its room's when it is stored. Messages are listed later, many of a room at once.

CREATE TABLE history (
    room    INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    message INTEGER NOT NULL,
    PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;

-- One row: every message with an id below this one is in `history`; of the others, some are.
CREATE TABLE listed (
    below INTEGER NOT NULL
) STRICT;

INSERT INTO history (room, seq, message)
SELECT room, seq, id FROM message ORDER BY room, seq;

INSERT INTO listed (below) SELECT coalesce(max(id) + 1, 0) FROM message;

-- Its rows go with their room by the statement `messages_drop_room`: a foreign key would look for
-- them along all that was ever said.
CREATE TABLE message_without_places (
    id         INTEGER PRIMARY KEY,
    room       INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    author     INTEGER,
    kind       TEXT    NOT NULL,
    text       TEXT    NOT NULL,
    parent     INTEGER,
    extra      TEXT,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
) STRICT;

INSERT INTO message_without_places
SELECT id, room, seq, author, kind, text, parent, extra, created_ms, updated_ms
FROM message
ORDER BY id;

DROP TABLE message;

ALTER TABLE message_without_places RENAME TO message;
