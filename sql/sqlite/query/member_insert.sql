-- ?1 room, ?2 user, ?3 role
INSERT INTO member (room, user, role, since)
VALUES (?1, ?2, ?3, (SELECT coalesce(max(since), 0) + 1 FROM member WHERE room = ?1))
