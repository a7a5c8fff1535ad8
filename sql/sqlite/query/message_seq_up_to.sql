-- The place of the newest message with an id up to ?2 that the history of the room ?1 lists; 0
-- before the first. Ids grow with places: the history is read from its end, and no further.
SELECT coalesce(
    (SELECT seq FROM history WHERE room = ?1 AND message <= ?2 ORDER BY seq DESC LIMIT 1),
    0
)
