-- ?1 id
DELETE FROM room WHERE id = ?1
