// Tokens made by hand, good and wrong in every known way. Spoken to by: the tests of tokens.
import { createHmac, sign as signWith } from "node:crypto";
import { SECRET, epoch } from "../kit/tokens.mjs";

const b64 = (value) => Buffer.from(value).toString("base64url");
const json = (value) => (typeof value === "string" ? value : JSON.stringify(value));

const HASHES = { HS256: "sha256", HS384: "sha384", HS512: "sha512" };
const HOUR_S = 3_600;

/** A token over that very header and payload, objects or texts, by a secret. */
export function made(header, payload, { secret = SECRET, hash = "sha256" } = {}) {
  const signed = `${b64(json(header))}.${b64(json(payload))}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest("base64url")}`;
}

/** The same by a private key; `dsaEncoding` is for keys on curves. */
export function madeBy(key, header, payload, hash = "sha256", dsaEncoding = "ieee-p1363") {
  const signed = `${b64(json(header))}.${b64(json(payload))}`;
  const by = hash === null ? key : { key, dsaEncoding };
  return `${signed}.${signWith(hash, Buffer.from(signed), by).toString("base64url")}`;
}

/** Claims that are good for an hour. */
export const claims = (more) => ({ id: 1, name: "user_1", exp: epoch(HOUR_S), ...more });

const HS256 = { alg: "HS256", typ: "JWT" };

/** A good token with other claims. */
export const claiming = (more) => made(HS256, claims(more));

/** A good token with more in its header. */
const headed = (more) => made({ ...HS256, ...more }, claims());

const nested = (depth) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const padded = (bytes) => "x".repeat(bytes);

/** Any spelling of `none`, and what else is no way to sign. */
const UNSIGNED = ["none", "None", "NONE", "nOnE", "none ", "", "null", "hs256", "HS256 ", "HS1"];

/** The signed part of a token, and its signature. */
function halves(token) {
  const at = token.lastIndexOf(".");
  return [token.slice(0, at), token.slice(at + 1)];
}

/** Tokens that no server with {@link SECRET} may take: name -> token. */
export function wrong() {
  const [signed, signature] = halves(claiming());
  const [head, payload] = signed.split(".");
  const found = {
    "no token at all, but text": "abc",
    "dots": "..",
    "no signature": signed,
    "an empty signature": `${signed}.`,
    "a signature of zeros": `${signed}.${b64(Buffer.alloc(32))}`,
    "a cut signature": `${signed}.${signature.slice(0, 22)}`,
    "a signature and more": `${signed}.${signature}AAAA`,
    "a fourth part": `${signed}.${signature}.${signature}`,
    "padding": `${signed}.${signature}=`,
    "another's claims": `${head}.${b64(json(claims({ id: 2 })))}.${signature}`,
    "another's header": `${b64('{"alg":"HS256"}')}.${payload}.${signature}`,
    "JSON serialization": json({ protected: head, payload, signature }),
    "another secret": made(HS256, claims(), { secret: "another secret, long enough" }),
    "an empty secret": made(HS256, claims(), { secret: "" }),
    "the secret's hash kind in its name only": made({ alg: "HS384" }, claims()),
    "HS384 for real": made({ alg: "HS384" }, claims(), { hash: HASHES.HS384 }),
    "HS512 for real": made({ alg: "HS512" }, claims(), { hash: HASHES.HS512 }),
    "HS256 in name, SHA-512 for real": made(HS256, claims(), { hash: HASHES.HS512 }),
    "RS256 in name": made({ alg: "RS256" }, claims()),
    "alg twice": made('{"alg":"none","alg":"HS256"}', claims()),
    "alg missing": made({ typ: "JWT" }, claims()),
    "alg null": made({ alg: null }, claims()),
    "alg a list": made({ alg: ["HS256"] }, claims()),
    "a header that is a list": made('["HS256"]', claims()),
    "a header that is text": made("HS256", claims()),
    "crit": headed({ crit: ["exp"] }),
    "crit of nothing": headed({ crit: [] }),
    "typ JWE": headed({ typ: "JWE" }),
    "a header too long": headed({ kid: padded(8_192) }),
    "a payload too long": claiming({ pad: padded(8_192) }),
    "a header nested deep": made(`{"alg":"HS256","typ":${nested(1_000)}}`, claims()),
    "claims nested deep": made(HS256, `{"id":${nested(1_000)}}`),
    "claims that are a list": made(HS256, '[1]'),
    "claims that are text": made(HS256, "id=1"),
    "claims that are not UTF-8": made(HS256, Buffer.from([0x7b, 0xff, 0x7d]).toString("latin1")),
    "id twice": made(HS256, '{"id":1,"id":2}'),
    "id twice, once escaped": made(HS256, '{"id":1,"\\u0069d":2}'),
    "sub twice": made(HS256, '{"sub":1,"sub":2}'),
    "exp twice": made(HS256, `{"id":1,"exp":1,"exp":${epoch(HOUR_S)}}`),
    "no subject": made(HS256, { name: "user_1", exp: epoch(HOUR_S) }),
    "exp a text": claiming({ exp: "tomorrow" }),
    "not valid yet": claiming({ nbf: epoch(60) }),
    "nbf a text": claiming({ nbf: "now" }),
    "issued in the future": claiming({ iat: epoch(60) }),
    "iat a text": claiming({ iat: "now" }),
  };
  for (const alg of UNSIGNED) {
    const none = `${b64(json({ alg, typ: "JWT" }))}.${payload}`;
    found[`alg ${JSON.stringify(alg)}, no signature`] = `${none}.`;
    found[`alg ${JSON.stringify(alg)}, signed`] = made({ alg }, claims());
  }
  const ids = [0, -1, 1.5, 1e300, 2 ** 53, true, [], {}, [1], "", padded(1_025)];
  for (const id of ids) found[`id ${json(id).slice(0, 20)}`] = claiming({ id });
  return found;
}

/** The same, which were good once. */
export function expired() {
  return {
    "expired": claiming({ exp: epoch(-1) }),
    "expired long ago": claiming({ exp: 0 }),
    "an end before all time": claiming({ exp: -1 }),
    "an end with a fraction": claiming({ exp: epoch(-1) + 0.5 }),
  };
}

/** Tokens that must be taken, with the name that each gives: what is not known is ignored. */
export function good() {
  return {
    "a plain one": [claiming(), "user_1"],
    "no typ": [made({ alg: "HS256" }, claims()), "user_1"],
    "kid, jku, x5u and jwk": [
      headed({ kid: "../../key", jku: "http://127.0.0.1:1/", x5u: "x", jwk: { kty: "oct" } }),
      "user_1",
    ],
    "sub and id disagree: id counts": [claiming({ sub: "2" }), "user_1"],
    "nbf and iat a little ahead": [claiming({ nbf: epoch(3), iat: epoch(3) }), "user_1"],
    "an end beyond all time": [claiming({ exp: 1e300 }), "user_1"],
    "what is not known, nested deep": [
      made(`{"alg":"HS256","x":${nested(1_000)}}`, `{"id":1,"name":"user_1","x":${nested(1_000)}}`),
      "user_1",
    ],
    "unknown claims twice": [
      made(HS256, `{"id":1,"name":"user_1","x":1,"x":2,"exp":${epoch(HOUR_S)}}`), "user_1",
    ],
  };
}

/** Subjects that are texts, each somebody of their own: none is account 1. */
export const TEXTS = [
  "007", "01", "+1", " 1", "1 ", "１", "1.0", "Ünï", "😀", "\u202e1", "a\u0000b",
];
