-- In the order they were said, where few messages are of the realm: gathers their ids room
-- by room from an index, so that others' messages cost nothing. ?1 realm, ?2 limit, ?3 skip
SELECT message.id, message.room, message.seq, message.author, message.kind, message.text,
       message.parent, message.extra, message.created_ms, message.updated_ms,
       room.people, room.realm
FROM (
    SELECT message.id AS id
    FROM room
    CROSS JOIN message ON message.room = room.id
    WHERE room.realm = ?1
    ORDER BY message.id
    LIMIT ?2 OFFSET ?3
) AS page
CROSS JOIN message ON message.id = page.id
CROSS JOIN room ON room.id = message.room
ORDER BY page.id
