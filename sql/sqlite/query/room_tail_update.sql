-- Once per room and batch. ?1 id
UPDATE room SET last_seq = ?2, messages = ?3, updated_ms = ?4 WHERE id = ?1
