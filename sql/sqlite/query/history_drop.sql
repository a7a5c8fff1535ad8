-- ?1 room, ?2 place
DELETE FROM history WHERE room = ?1 AND seq = ?2
