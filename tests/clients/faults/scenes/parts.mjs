// What the scenes are made of: speakers by socket and by REST, listeners, and pages of a history.
// Spoken to by: every scene beside it.

/**
 * Somebody who says things over a socket. `send(content)` resolves with the acked id; never, where
 * the server is killed first. What one socket sends arrives in order.
 */
export function bySocket(client, event, payload, idOf) {
  const send = (content) =>
    new Promise((resolve, reject) => {
      client.socket.emit(event, payload(content), (ack) => settle(idOf(ack), ack, resolve, reject));
    });
  return { send, inOrder: true, leave: () => client.leave() };
}

/** Somebody who posts: `post(content)` resolves with `{ status, body }`. */
export function byRest(post, idOf) {
  const send = async (content) => {
    const { status, body } = await post(content);
    const id = status === 201 ? idOf(body) : undefined;
    return new Promise((resolve, reject) => settle(id, body, resolve, reject));
  };
  return { send, inOrder: false, leave: () => {} };
}

function settle(id, answer, resolve, reject) {
  if (id !== undefined) resolve(id);
  else reject(new Error(`refused: ${JSON.stringify(answer)}`));
}

/** Somebody who notes what an event tells; `wordsOf` is undefined for what is nobody's words. */
export function listener(client, event, wordsOf) {
  const heard = () => client.heard(event).map(wordsOf).filter((words) => words !== undefined);
  return { heard, leave: () => client.leave() };
}

/** Everything of a list that comes in pages, in the order of the pages. */
export async function pages(fetchPage) {
  const all = [];
  for (let number = 1; ; number += 1) {
    const page = await fetchPage(number);
    if (page.length === 0) return all;
    all.push(...page);
  }
}
