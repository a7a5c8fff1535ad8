-- A stretch of what the history lists, newest first. ?1 room, ?2 after, ?3 up to, ?4 limit, ?5 skip
SELECT message.id, message.room, message.seq, message.author, message.kind, message.text,
       message.parent, message.extra, message.created_ms, message.updated_ms,
       room.people, room.realm
FROM room
CROSS JOIN history ON history.room = room.id
CROSS JOIN message ON message.id = history.message
WHERE room.id = ?1 AND history.seq > ?2 AND history.seq <= ?3
ORDER BY history.seq DESC
LIMIT ?4 OFFSET ?5
