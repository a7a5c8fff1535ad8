-- ?1 realm, ?2 login
SELECT id, code, name, nickname, profile, login, email, password, role, created_ms, updated_ms
FROM account
WHERE realm = ?1 AND login = ?2
