-- ?1 id
SELECT message.id, message.room, message.seq, message.author, message.kind, message.text,
       message.parent, message.extra, message.created_ms, message.updated_ms,
       room.people, room.realm
FROM message
CROSS JOIN room ON room.id = message.room
WHERE message.id = ?1
