-- ?1 room
SELECT room.people, tail.last_seq, tail.messages, tail.updated_ms
FROM tail
CROSS JOIN room ON room.id = tail.room
WHERE tail.room = ?1
