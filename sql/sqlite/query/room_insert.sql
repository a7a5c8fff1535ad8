-- The number is the next one in the realm.
INSERT INTO room (
    realm, people, number, kind, code, name, unique_name, owner, ends_ms,
    created_ms, updated_ms
)
VALUES (
    ?1, ?2, (SELECT coalesce(max(number), 0) + 1 FROM room WHERE realm = ?1),
    ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9
)
RETURNING id
