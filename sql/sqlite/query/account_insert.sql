INSERT INTO account (
    realm, id, code, name, nickname, profile, login, email, password, role,
    created_ms, updated_ms
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)
