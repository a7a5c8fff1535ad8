-- In the order they came. ?1 room, ?2 limit
SELECT user, role FROM member WHERE room = ?1 ORDER BY since LIMIT ?2
