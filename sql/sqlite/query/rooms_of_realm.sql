-- In the order they were made. ?1 realm, ?2 limit, ?3 skip
SELECT room.id, room.realm, room.people, room.number, room.kind, room.code, room.name,
       room.owner, room.ends_ms, room.created_ms, tail.updated_ms, tail.last_seq
FROM room
CROSS JOIN tail ON tail.room = room.id
WHERE room.realm = ?1
ORDER BY room.number
LIMIT ?2 OFFSET ?3
