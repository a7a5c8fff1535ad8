-- ?1 realm, ?2 id
DELETE FROM account WHERE realm = ?1 AND id = ?2
