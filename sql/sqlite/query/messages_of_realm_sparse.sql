-- In the order they were said, where few messages are of the realm: gathers their ids room
-- by room from the histories, so that others' messages cost nothing, and from the few messages
-- that may not be listed yet. ?1 realm, ?2 limit, ?3 skip
SELECT message.id, message.room, message.seq, message.author, message.kind, message.text,
       message.parent, message.extra, message.created_ms, message.updated_ms,
       room.people, room.realm
FROM (
    SELECT history.message AS id
    FROM room
    CROSS JOIN history ON history.room = room.id
    WHERE room.realm = ?1 AND history.message < (SELECT below FROM listed)
    UNION ALL
    SELECT message.id AS id
    FROM message
    CROSS JOIN room ON room.id = message.room
    WHERE message.id >= (SELECT below FROM listed) AND room.realm = ?1
    ORDER BY id
    LIMIT ?2 OFFSET ?3
) AS page
CROSS JOIN message ON message.id = page.id
CROSS JOIN room ON room.id = message.room
ORDER BY page.id
