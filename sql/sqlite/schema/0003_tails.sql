-- What a message changes of its room: in short rows of their own, hundreds to a page, because
-- each room that speaks has its row written with every batch. last_seq and messages are kept so
-- that neither a deleted message nor a long history makes them wrong or slow to know.

CREATE TABLE tail (
    room       INTEGER PRIMARY KEY REFERENCES room (id) ON DELETE CASCADE,
    last_seq   INTEGER NOT NULL,
    messages   INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
) STRICT;

INSERT INTO tail (room, last_seq, messages, updated_ms)
SELECT id, last_seq, messages, updated_ms FROM room ORDER BY id;

ALTER TABLE room DROP COLUMN last_seq;
ALTER TABLE room DROP COLUMN messages;
ALTER TABLE room DROP COLUMN updated_ms;
