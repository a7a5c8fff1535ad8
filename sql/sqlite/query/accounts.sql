-- In the order they were made. ?1 realm, ?2 limit, ?3 skip
SELECT id, code, name, nickname, profile, login, email, password, role, created_ms, updated_ms
FROM account
WHERE realm = ?1
ORDER BY created_ms, id
LIMIT ?2 OFFSET ?3
