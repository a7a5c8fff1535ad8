-- Once per room and batch. ?1 room
UPDATE tail SET last_seq = ?2, messages = ?3, updated_ms = ?4 WHERE room = ?1
