-- How many messages the history of the room ?1 lists after the place ?2, up to the place ?3.
SELECT count(*) FROM history WHERE room = ?1 AND seq > ?2 AND seq <= ?3
