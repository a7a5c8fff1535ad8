-- ?1 realm
SELECT count(*) FROM room WHERE realm = ?1
