// --jwt-public-key with RS256, ES256 and EdDSA: what the key's owner signed is taken, and nothing
// that only looks so; above all no token whose secret is the public key.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { Client } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import { epoch } from "../kit/tokens.mjs";
import { claims, made, madeBy } from "./jwt.mjs";

const KINDS = {
  RS256: { hash: "sha256", pair: () => generateKeyPairSync("rsa", { modulusLength: 2_048 }) },
  ES256: { hash: "sha256", pair: () => generateKeyPairSync("ec", { namedCurve: "prime256v1" }) },
  EdDSA: { hash: null, pair: () => generateKeyPairSync("ed25519") },
};

/** Forged and wrong tokens for a server that knows `publicKey` alone. */
function forged(alg, { hash, pair }, { privateKey, publicKey }) {
  const pem = publicKey.export({ type: "spki", format: "pem" });
  const der = publicKey.export({ type: "spki", format: "der" });
  const stranger = pair().privateKey;
  const payload = claims();
  const good = madeBy(privateKey, { alg }, payload, hash);
  const signed = good.slice(0, good.lastIndexOf("."));
  const found = {
    "signed by another key": madeBy(stranger, { alg }, payload, hash),
    "its own key in the header": madeBy(
      stranger, { alg, jwk: stranger.export({ format: "jwk" }) }, payload, hash,
    ),
    "no signature": `${signed}.`,
    "a signature of zeros": `${signed}.${Buffer.alloc(64).toString("base64url")}`,
    "other claims": `${signed.split(".")[0]}.e30.${good.split(".")[2]}`,
    "expired": madeBy(privateKey, { alg }, claims({ exp: epoch(-1) }), hash),
    "not valid yet": madeBy(privateKey, { alg }, claims({ nbf: epoch(60) }), hash),
    "crit": madeBy(privateKey, { alg, crit: ["b64"], b64: false }, payload, hash),
  };
  const secrets = { "the PEM": pem, "the PEM, trimmed": pem.trim(), "the DER": der, "nothing": "" };
  for (const [what, secret] of Object.entries(secrets)) {
    found[`HS256 by ${what}`] = made({ alg: "HS256", typ: "JWT" }, payload, { secret });
    found[`${alg} in name, HS256 by ${what}`] = made({ alg, typ: "JWT" }, payload, { secret });
  }
  for (const other of ["none", "None", "RS384", "PS256", "ES384", "ES256K", "HS256"]) {
    found[`${other} in name`] = madeBy(privateKey, { alg: other }, payload, hash);
  }
  if (alg === "ES256") found["a DER signature"] = madeBy(privateKey, { alg }, payload, hash, "der");
  if (alg === "RS256") found["SHA-512 for real"] = madeBy(privateKey, { alg }, payload, "sha512");
  return found;
}

for (const [alg, kind] of Object.entries(KINDS)) {
  describe(alg, () => {
    const pair = kind.pair();
    let directory;
    let server;
    before(async () => {
      directory = await mkdtemp(path.join(tmpdir(), "polylogue-key-"));
      const file = path.join(directory, "key.pem");
      await writeFile(file, pair.publicKey.export({ type: "spki", format: "pem" }));
      server = await Polylogue.start("--jwt-public-key", file);
    });
    after(async () => {
      await server?.remove();
      await rm(directory, { recursive: true, force: true });
    });

    test("what the owner signed is taken", async () => {
      const token = madeBy(pair.privateKey, { alg, typ: "JWT", kid: "1" }, claims(), kind.hash);
      const client = await Client.join(server, { token });
      assert.deepEqual(client.take(), [["connected", { message: "Welcome user_1 to the server" }]]);
      client.leave();
      assert.equal((await rest(server, "GET", "/messages?room_code=r", { token })).status, 200);
    });

    test("nothing else is", async () => {
      for (const [what, token] of Object.entries(forged(alg, kind, pair))) {
        const told = await Client.refusal(server, { token }).catch(({ message }) => message);
        assert.equal(told, "Unauthorized", what);
        const { status } = await rest(server, "GET", "/messages?room_code=r", { token });
        assert.equal(status, 401, what);
      }
    });
  });
}
