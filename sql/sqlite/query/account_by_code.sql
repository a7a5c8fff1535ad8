-- ?1 realm, ?2 code
SELECT id, code, name, nickname, profile, login, email, password, role, created_ms, updated_ms
FROM account
WHERE realm = ?1 AND code = ?2
