-- ?1 room, ?2 user, ?3 role
UPDATE member SET role = ?3 WHERE room = ?1 AND user = ?2
