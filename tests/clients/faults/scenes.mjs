// The dialects as the faults see them. A scene is a room of its own for each round: `{ speakers,
// listen, history }`, each told which server to use, so that it outlives the one it began on.
// Spoken to by: burst.mjs.
import * as chatty from "./scenes/chatty.mjs";
import * as coaching from "./scenes/coaching.mjs";
import * as conversations from "./scenes/conversations.mjs";
import * as lounge from "./scenes/lounge.mjs";
import * as rooms from "./scenes/rooms.mjs";

/** By dialect: `open(server, cast, round)` makes a scene, `cast(server)` its people, once. */
export const SCENES = { rooms, conversations, chatty, coaching, lounge };

/** The people of each scene that wants some. */
export async function castAll(server) {
  const cast = {};
  for (const [dialect, scene] of Object.entries(SCENES)) cast[dialect] = await scene.cast?.(server);
  return cast;
}
