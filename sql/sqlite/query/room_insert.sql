-- ?10 the next number in the realm
INSERT INTO room (
    realm, people, number, kind, code, name, unique_name, owner, ends_ms, created_ms
)
VALUES (?1, ?2, ?10, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
RETURNING id
