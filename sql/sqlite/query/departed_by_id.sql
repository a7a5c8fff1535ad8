-- ?1 realm, ?2 id
SELECT 1 FROM departed WHERE realm = ?1 AND id = ?2
