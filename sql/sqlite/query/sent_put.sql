-- ?1 room, ?2 author, ?3 key, ?4 message, ?5 now
INSERT INTO sent (room, author, key, message, at_ms)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT DO UPDATE SET message = excluded.message, at_ms = excluded.at_ms
