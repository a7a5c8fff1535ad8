-- Those that no history lists yet, in the order they were said.
SELECT room, seq, id
FROM message
WHERE id >= (SELECT below FROM listed)
  AND NOT EXISTS (
    SELECT 1 FROM history
    WHERE history.room = message.room AND history.seq = message.seq
  )
ORDER BY id
