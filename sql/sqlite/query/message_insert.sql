INSERT INTO message (
    id, room, seq, author, kind, text, parent, extra, created_ms, updated_ms
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)
