-- Forgets the oldest keys. ?1 older than, ?2 how many at most
DELETE FROM sent
WHERE (room, author, key) IN (
    SELECT room, author, key FROM sent INDEXED BY sent_at
    WHERE at_ms < ?1
    ORDER BY at_ms
    LIMIT ?2
)
