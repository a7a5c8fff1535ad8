-- Takes a person out of every room. ?1 people, ?2 user
DELETE FROM member
WHERE user = ?2 AND room IN (
    SELECT room.id FROM member CROSS JOIN room ON room.id = member.room
    WHERE member.user = ?2 AND room.people = ?1
)
