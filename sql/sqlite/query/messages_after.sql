-- How many messages the room ?1 has after the place ?2.
SELECT count(*) FROM message WHERE room = ?1 AND seq > ?2
