-- ?1 realm, ?2 id
SELECT id, code, name, nickname, profile, login, email, password, role, created_ms, updated_ms
FROM account
WHERE realm = ?1 AND id = ?2
