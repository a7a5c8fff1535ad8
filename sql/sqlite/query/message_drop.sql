-- ?1 id
DELETE FROM message WHERE id = ?1
