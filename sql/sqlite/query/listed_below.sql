-- All messages with ids below ?1 are listed.
UPDATE listed SET below = ?1
