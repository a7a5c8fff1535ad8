-- The facts of chat: who there is, which rooms, who is in them, what was said.
-- No dialect has a table here. Times are milliseconds since 1970.

-- A person, in the realm where the id is unique.
CREATE TABLE account (
    realm      TEXT    NOT NULL,
    id         INTEGER NOT NULL,
    code       TEXT,
    name       TEXT    NOT NULL,
    nickname   TEXT,
    profile    TEXT,
    login      TEXT,
    email      TEXT    COLLATE NOCASE,
    password   TEXT,
    role       TEXT,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (realm, id),
    UNIQUE (realm, code),
    UNIQUE (realm, login),
    UNIQUE (realm, email)
) STRICT, WITHOUT ROWID;

CREATE INDEX account_made ON account (realm, created_ms, id);

-- A person whose account was taken away: their messages stay, without an author, and their
-- id is never given to anybody else.
CREATE TABLE departed (
    realm TEXT    NOT NULL,
    id    INTEGER NOT NULL,
    PRIMARY KEY (realm, id)
) STRICT, WITHOUT ROWID;

-- A realm of rooms. Numbers are never given out twice: a client may hold on to an old one.
CREATE TABLE realm (
    name        TEXT    PRIMARY KEY,
    last_number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A room. AUTOINCREMENT: whoever still holds the id of a room that is gone must never find
-- another in its place. last_seq and messages are written once per room and batch, so that
-- neither a deleted message nor a long history makes them wrong or slow to know.
CREATE TABLE room (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    realm       TEXT    NOT NULL,
    people      TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    code        TEXT,
    name        TEXT,
    unique_name INTEGER NOT NULL,
    owner       INTEGER,
    ends_ms     INTEGER,
    created_ms  INTEGER NOT NULL,
    updated_ms  INTEGER NOT NULL,
    last_seq    INTEGER NOT NULL DEFAULT 0,
    messages    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (realm, number),
    UNIQUE (realm, code)
) STRICT;

CREATE UNIQUE INDEX room_name ON room (realm, name) WHERE unique_name = 1;

-- A member; since orders them by when they came.
CREATE TABLE member (
    room  INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    user  INTEGER NOT NULL,
    role  TEXT    NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (room, user),
    UNIQUE (room, since)
) STRICT, WITHOUT ROWID;

CREATE INDEX member_user ON member (user, room);

-- A message. text may hold lone surrogates in the three bytes UTF-8 would give them.
CREATE TABLE message (
    id         INTEGER PRIMARY KEY,
    room       INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    seq        INTEGER NOT NULL,
    author     INTEGER,
    kind       TEXT    NOT NULL,
    text       TEXT    NOT NULL,
    parent     INTEGER,
    extra      TEXT,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    UNIQUE (room, seq)
) STRICT;

-- The keys under which authors sent messages, so that a send repeated is stored once. Keyed
-- by message, whose ids grow with time: new rows go to the end, old ones are swept from the
-- beginning.
CREATE TABLE sent (
    message INTEGER PRIMARY KEY,
    room    INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    author  INTEGER NOT NULL,
    key     TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    UNIQUE (room, author, key)
) STRICT;
