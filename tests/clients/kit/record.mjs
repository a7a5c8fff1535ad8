// What a server was heard to say, for whoever wants to compare it with what its API documents
// list: events, acks and REST answers. Spoken to by: the clients of this kit, tests/clients/documents.

/** What was heard while somebody listened; `undefined` while nobody does. */
let heard;

/** Notes something: `{ event | ack | route, status?, payload }`. */
export function record(entry) {
  heard?.push(entry);
}

/** All that is heard while `work` runs. */
export async function recorded(work) {
  heard = [];
  try {
    await work();
    return heard;
  } finally {
    heard = undefined;
  }
}
