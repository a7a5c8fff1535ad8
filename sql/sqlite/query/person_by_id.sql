-- What others see of an account. ?1 realm, ?2 id
SELECT code, name, nickname, profile FROM account WHERE realm = ?1 AND id = ?2
