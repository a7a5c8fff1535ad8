// The walk-throughs of the documents on the data of `polylogue demo`: all of them at once against
// one process on one port, and each alone, with a bridge between the dialects and without.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Polylogue } from "../kit/polylogue.mjs";
import { WALKS } from "./walks.mjs";

const ALL = Object.keys(WALKS);

/** A server on nothing but what `polylogue demo` has made. */
async function demonstration(dialects, flags) {
  const at = await Polylogue.mounting(dialects, ...flags);
  await at.stop();
  await at.demo();
  await at.again();
  return at;
}

for (const flags of [[], ["--bridge"]]) {
  describe(`from the demonstration's data ${flags.join("") || "without a bridge"}`, () => {
    test("every walk at once, on one port", async () => {
      const at = await demonstration([], flags);
      try {
        const transports = ["polling", "websocket"];
        const ends = await Promise.allSettled(ALL.map((name) => WALKS[name](at, { transports })));
        const wrong = ends.map(({ reason }, place) => reason && `${ALL[place]}: ${reason.stack}`);
        assert.deepEqual(wrong.filter(Boolean), []);
      } finally {
        await at.remove();
      }
    });

    for (const name of ALL) {
      test(`${name} alone`, async () => {
        const at = await demonstration([name], flags);
        try {
          await WALKS[name](at, { transports: ["websocket"] });
        } finally {
          await at.remove();
        }
      });
    }
  });
}
