// The comparison itself: a case is run against the stock server and against the server under test,
// and what was observed must be equal, but for the differences that a case states and argues.
//
// A case is `{ name, run, differs }`: `run(server)` -> an observation (plain values); `differs` is
// `{ ours, why }` with the observation the server under test owes instead of the stock server's;
// `sometimes` where the stock server, by luck, may say the same.
import assert from "node:assert/strict";
import { test } from "node:test";

/** Registers one test per case. `urls()` -> `{ stock, ours }`. */
export function compare(urls, cases) {
  for (const { name, run, differs } of cases) {
    test(name, async () => {
      const { stock, ours } = urls();
      const [expected, actual] = await Promise.all([run(stock), run(ours)]);
      if (!differs) {
        assert.deepEqual(actual, expected);
        return;
      }
      assert.deepEqual(actual, differs.ours, differs.why);
      if (differs.sometimes) return;
      assert.notDeepEqual(expected, differs.ours, "the difference is no more: drop `differs`");
    });
  }
}
