-- ?1 room, ?2 id, ?3 text, ?4 now
UPDATE message SET text = ?3, updated_ms = ?4 WHERE id = ?2 AND room = ?1
