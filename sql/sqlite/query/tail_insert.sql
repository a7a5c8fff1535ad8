-- The tail of a new room. ?1 room, ?2 now
INSERT INTO tail (room, last_seq, messages, updated_ms) VALUES (?1, 0, 0, ?2)
