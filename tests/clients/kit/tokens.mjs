// Tokens made by hand, good and bad, for a server that was given its secret.
// Spoken to by: admission and crowd tests.
import { createHmac } from "node:crypto";

/** The secret to start such a server with: `--jwt-secret SECRET`. */
export const SECRET = "a secret that the tests and the server share";

/** A JWT over `claims`; `alg` and `secret` may be wrong on purpose. */
export function sign(claims, { alg = "HS256", secret = SECRET } = {}) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg, typ: "JWT" })}.${part(claims)}`;
  if (alg === "none") return `${signed}.`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** Seconds since the epoch, `offset` seconds from now. */
export const epoch = (offset = 0) => Math.floor(Date.now() / 1_000) + offset;

/** A good token of the user `user_<id>`. */
export const tokenOf = (id) => sign({ id, name: `user_${id}`, iat: epoch(), exp: epoch(3_600) });
