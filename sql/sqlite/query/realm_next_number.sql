-- ?1 realm
INSERT INTO realm (name, last_number)
VALUES (?1, 1)
ON CONFLICT (name) DO UPDATE SET last_number = last_number + 1
RETURNING last_number
