-- ?1 room
DELETE FROM history WHERE room = ?1
