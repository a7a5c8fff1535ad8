-- ?1 message, ?2 room, ?3 author, ?4 key, ?5 now
INSERT INTO sent (message, room, author, key, at_ms)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (room, author, key)
DO UPDATE SET message = excluded.message, at_ms = excluded.at_ms
