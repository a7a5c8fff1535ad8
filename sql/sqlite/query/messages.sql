-- A stretch of what the history lists, newest first: finds the page before it reads a message.
-- ?1 room, ?2 after, ?3 up to, ?4 limit, ?5 skip
SELECT message.id, message.room, message.seq, message.author, message.kind, message.text,
       message.parent, message.extra, message.created_ms, message.updated_ms,
       room.people, room.realm
FROM (
    SELECT seq, message
    FROM history
    WHERE room = ?1 AND seq > ?2 AND seq <= ?3
    ORDER BY seq DESC
    LIMIT ?4 OFFSET ?5
) AS page
CROSS JOIN message ON message.id = page.message
CROSS JOIN room ON room.id = message.room
ORDER BY page.seq DESC
