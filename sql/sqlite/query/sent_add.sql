-- Notes a key that is not there; one that is stays as it was. ?1 message, ?2 room, ?3 author,
-- ?4 key, ?5 now
INSERT INTO sent (message, room, author, key, at_ms)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (room, author, key) DO NOTHING
