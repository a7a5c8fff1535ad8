// The ledger of one room in one round: what was sent, acked and heard, and what the history says.
// It finds what was lost, doubled, reordered or made up. Spoken to by: burst.mjs, ledger.test.mjs.

/** See the file's head. Contents are unique: they are the keys as well. */
export class Ledger {
  /** For each speaker what it sent, in order. */
  sent = new Map();
  /** For each content the id of its first ack. */
  acked = new Map();
  /** For each listener what it heard, in order. */
  heard = new Map();

  sends(speaker, content) {
    const said = this.sent.get(speaker) ?? [];
    this.sent.set(speaker, [...said, content]);
  }

  /** Notes an ack. A second one must name the same message. */
  acks(content, id, complaints = []) {
    const first = this.acked.get(content);
    if (first === undefined) this.acked.set(content, id);
    else if (first !== id) complaints.push(`${content} was acked as ${first}, again as ${id}`);
  }

  /** What was sent and never acked, so that its senders must send it again. */
  get open() {
    return [...this.sent].flatMap(([speaker, contents]) =>
      contents.filter((each) => !this.acked.has(each)).map((content) => ({ speaker, content })),
    );
  }

  /**
   * What is wrong after the kill, in sentences: `kept` is the history, oldest first, `{ content,
   * id? }` each. `inOrder` are speakers whose sends reach the server in the order they are made.
   */
  judge(kept, inOrder = []) {
    const wrong = this.#misses(kept);
    const contents = kept.map(({ content }) => content);
    for (const [listener, heard] of this.heard) {
      const told = contents.slice(0, heard.length);
      if (!isSame(heard, told)) {
        wrong.push(`${listener} heard ${heard.join()} where the history has ${told.join()}`);
      }
    }
    for (const speaker of inOrder) {
      const said = this.sent.get(speaker) ?? [];
      const own = contents.filter((each) => said.includes(each));
      if (!isSame(own, said.slice(0, own.length))) {
        wrong.push(`${speaker} said ${said.join()}, kept is ${own.join()}`);
      }
    }
    return wrong;
  }

  /** What is wrong once all that was open has been sent again: each message must be there once. */
  judgeAll(kept) {
    const contents = new Set(kept.map(({ content }) => content));
    const lost = [...this.sent.values()].flat().filter((each) => !contents.has(each));
    return [...this.#misses(kept), ...lost.map((each) => `${each} is lost, though sent again`)];
  }

  #misses(kept) {
    const wrong = [];
    const known = new Set([...this.sent.values()].flat());
    const ids = new Map();
    let last;
    for (const { content, id } of kept) {
      if (ids.has(content)) wrong.push(`${content} is kept twice`);
      if (!known.has(content)) wrong.push(`${content} was never sent`);
      if (id !== undefined && last !== undefined && !(id > last)) wrong.push(`${id} after ${last}`);
      ids.set(content, id);
      last = id;
    }
    for (const [content, id] of this.acked) {
      if (!ids.has(content)) wrong.push(`${content} was acked and is lost`);
      else if (ids.get(content) !== undefined && ids.get(content) !== id) {
        wrong.push(`${content} was acked as ${id} and is kept as ${ids.get(content)}`);
      }
    }
    return wrong;
  }
}

const isSame = (some, others) =>
  some.length === others.length && some.every((each, at) => each === others[at]);
