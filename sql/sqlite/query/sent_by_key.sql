-- The message a key made, if it is still there and the key not too old.
-- ?1 room, ?2 author, ?3 key, ?4 the oldest time that counts
SELECT message.id
FROM sent
CROSS JOIN message ON message.id = sent.message
WHERE sent.room = ?1 AND sent.author = ?2 AND sent.key = ?3 AND sent.at_ms >= ?4
  AND message.room = ?1 AND message.author = ?2
