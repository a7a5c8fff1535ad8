-- ?1 id
SELECT room.id, room.realm, room.people, room.number, room.kind, room.code, room.name,
       room.owner, room.ends_ms, room.created_ms, room.updated_ms, room.last_seq
FROM room
WHERE room.id = ?1
