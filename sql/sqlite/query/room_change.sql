-- NULL leaves a column as it is. ?1 id
UPDATE room
SET name    = coalesce(?2, name),
    owner   = coalesce(?3, owner),
    ends_ms = coalesce(?4, ends_ms)
WHERE id = ?1
