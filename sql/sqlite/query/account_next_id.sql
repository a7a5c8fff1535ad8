-- The next id free, in the realm ?1. Ids from ?2 on are an issuer's own, not counted up from.
SELECT 1 + max(
    coalesce((SELECT max(id) FROM account WHERE realm = ?1 AND id < ?2), 0),
    coalesce((SELECT max(id) FROM departed WHERE realm = ?1 AND id < ?2), 0)
)
