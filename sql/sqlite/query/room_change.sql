-- NULL leaves a column as it is. ?1 id, ?2 now
UPDATE room
SET updated_ms = max(updated_ms, ?2),
    name       = coalesce(?3, name),
    owner      = coalesce(?4, owner),
    ends_ms    = coalesce(?5, ends_ms)
WHERE id = ?1
