-- ?1 room, ?2 user
DELETE FROM member WHERE room = ?1 AND user = ?2
