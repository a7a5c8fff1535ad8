// Many who speak at once, as fast as they can: all hear the same, in one order, which is the
// history's. Spoken to by: the tests of bursts.
import assert from "node:assert/strict";

/**
 * Has every client say `each` things without waiting for anything. `say(client, text)` says one,
 * `heard(client)` gives the texts a client has heard so far, `history()` those that are kept,
 * oldest first. Every client must hear itself, too.
 */
export async function burst(clients, { each, say, heard, history }) {
  const texts = clients.map((_, at) => Array.from({ length: each }, (__, turn) => `${at}-${turn}`));
  for (let turn = 0; turn < each; turn += 1) {
    clients.forEach((client, at) => say(client, texts[at][turn]));
  }
  const total = clients.length * each;
  for (const client of clients) {
    await client.until(() => heard(client).length >= total, `${total} messages`);
  }
  const kept = await history();
  assert.deepEqual([...kept].sort(), texts.flat().sort(), "each is kept once");
  for (const [at, client] of clients.entries()) {
    assert.deepEqual(heard(client), kept, `what client ${at} heard`);
    assert.deepEqual(kept.filter((text) => texts[at].includes(text)), texts[at], "its own order");
  }
}
