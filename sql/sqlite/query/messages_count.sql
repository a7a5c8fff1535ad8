-- How many messages the realm ?1 has, and how many there are.
SELECT coalesce(sum(messages) FILTER (WHERE realm = ?1), 0), coalesce(sum(messages), 0) FROM room
