SELECT max(id) FROM message
