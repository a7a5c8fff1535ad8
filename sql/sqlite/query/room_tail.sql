-- ?1 id
SELECT people, last_seq, messages, updated_ms FROM room WHERE id = ?1
