-- Somebody who left has come back. ?1 realm, ?2 id
DELETE FROM departed WHERE realm = ?1 AND id = ?2
