-- The place of the room ?1's newest message with an id up to ?2; 0 before the first. Ids grow with
-- places: the index of places, which has the ids as well, is read from its end, and no further.
-- The + keeps the ids of all rooms from being read instead.
SELECT coalesce(
    (SELECT seq FROM message WHERE room = ?1 AND +id <= ?2 ORDER BY seq DESC LIMIT 1),
    0
)
