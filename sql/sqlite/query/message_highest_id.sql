-- Below or at which all ids are that may have been given out: the newest message may be gone.
SELECT max(
    coalesce((SELECT max(id) FROM message), 0),
    (SELECT below FROM listed) - 1
)
