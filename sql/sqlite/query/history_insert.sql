-- Lists a message in its room's history. ?1 room, ?2 place, ?3 id
INSERT INTO history (room, seq, message) VALUES (?1, ?2, ?3)
