// The checker itself: it finds what is lost, doubled, reordered or made up, and nothing else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ledger } from "./ledger.mjs";

/** Three messages of one speaker, the first two acked, all heard by one listener. */
function ledger() {
  const ledger = new Ledger();
  for (const content of ["a", "b", "c"]) ledger.sends("ann", content);
  ledger.acks("a", 1);
  ledger.acks("b", 2);
  ledger.heard.set("ben", ["a", "b"]);
  return ledger;
}

const kept = (...contents) => contents.map((content, at) => ({ content, id: at + 1 }));

test("what is right is found right", () => {
  for (const history of [kept("a", "b"), kept("a", "b", "c")]) {
    assert.deepEqual(ledger().judge(history, ["ann"]), []);
  }
  assert.deepEqual(ledger().judgeAll(kept("a", "b", "c")), []);
  assert.deepEqual(ledger().open, [{ speaker: "ann", content: "c" }]);
});

const WRONGS = {
  "a lost ack": [kept("a"), /b was acked and is lost/],
  "a lost word that was heard": [kept("a", "c"), /ben heard a,b where/],
  "a double": [kept("a", "b", "b"), /b is kept twice/],
  "another order": [kept("b", "a"), /ben heard a,b where/],
  "a gap in what one says": [kept("a", "c"), /ann said a,b,c, kept is a,c/],
  "what nobody said": [kept("a", "b", "x"), /x was never sent/],
  "an id that is not the acked one": [[{ content: "a", id: 1 }, { content: "b", id: 3 }], /as 3/],
  "ids that fall": [[{ content: "a", id: 2 }, { content: "b", id: 1 }], /1 after 2/],
};

for (const [what, [history, sentence]] of Object.entries(WRONGS)) {
  test(`${what} is found`, () => {
    assert.match(ledger().judge(history, ["ann"]).join("\n"), sentence);
  });
}

test("what is missing after all was sent again is found, and a second ack that differs", () => {
  assert.match(ledger().judgeAll(kept("a", "b")).join("\n"), /c is lost, though sent again/);
  const complaints = [];
  ledger().acks("a", 9, complaints);
  assert.deepEqual(complaints, ["a was acked as 1, again as 9"]);
});
