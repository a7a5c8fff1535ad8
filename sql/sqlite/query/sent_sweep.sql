-- Forgets the oldest keys. ?1 older than, ?2 how many at most
DELETE FROM sent
WHERE message IN (SELECT message FROM sent ORDER BY message LIMIT ?2) AND at_ms < ?1
