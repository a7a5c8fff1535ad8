-- How many messages the realm ?1 has, and how many there are.
SELECT coalesce(sum(tail.messages) FILTER (WHERE room.realm = ?1), 0),
       coalesce(sum(tail.messages), 0)
FROM tail
CROSS JOIN room ON room.id = tail.room
