-- By last activity, newest first. ?1 realm, ?2 user, ?3 limit
SELECT room.id, room.realm, room.people, room.number, room.kind, room.code, room.name,
       room.owner, room.ends_ms, room.created_ms, tail.updated_ms, tail.last_seq
FROM member
CROSS JOIN room ON room.id = member.room
CROSS JOIN tail ON tail.room = room.id
WHERE member.user = ?2 AND room.realm = ?1
ORDER BY tail.updated_ms DESC, room.id DESC
LIMIT ?3
