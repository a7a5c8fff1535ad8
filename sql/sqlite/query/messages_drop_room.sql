-- Those that the history lists. ?1 room
DELETE FROM message WHERE id IN (SELECT message FROM history WHERE room = ?1)
