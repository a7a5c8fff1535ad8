-- ?1 realm
SELECT count(*) FROM account WHERE realm = ?1
