-- ?1 realm, ?2 id
INSERT INTO departed (realm, id) VALUES (?1, ?2) ON CONFLICT DO NOTHING
