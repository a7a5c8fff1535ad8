-- NULL leaves a column as it is. ?1 realm, ?2 id, ?3 now
UPDATE account
SET updated_ms = ?3,
    name       = coalesce(?4, name),
    nickname   = coalesce(?5, nickname),
    profile    = coalesce(?6, profile),
    login      = coalesce(?7, login),
    email      = coalesce(?8, email),
    password   = coalesce(?9, password),
    role       = coalesce(?10, role)
WHERE realm = ?1 AND id = ?2
