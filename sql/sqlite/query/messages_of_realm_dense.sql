-- In the order they were said, where most messages are of the realm: reads along all of
-- them and leaves the others out. ?1 realm, ?2 limit, ?3 skip
SELECT message.id, message.room, message.seq, message.author, message.kind, message.text,
       message.parent, message.extra, message.created_ms, message.updated_ms,
       room.people, room.realm
FROM message
CROSS JOIN room ON room.id = message.room
WHERE room.realm = ?1
ORDER BY message.id
LIMIT ?2 OFFSET ?3
