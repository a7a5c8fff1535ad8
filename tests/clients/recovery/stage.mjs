// The rooms dialect as these tests use it: people in rooms who say numbered things.
// Spoken to by: the tests beside it.
import { Client, system } from "../kit/client.mjs";
import { tokenOf } from "../kit/tokens.mjs";

let rooms = 0;

/** A room that nobody has been in. */
export const newRoom = () => `room_${(rooms += 1)}`;

/** A client of that user, in those rooms, having taken what it heard on joining. */
export async function inside(server, id, at, ...where) {
  const client = await Client.join(at, { token: tokenOf(id), ...where.pop() });
  for (const room of where) await enter(client, room);
  client.take();
  return client;
}

/** Joins a room. */
export const enter = (client, room) => client.ask("join_room", room);

/** Says something in a room, and waits until it is stored. */
export async function say(client, room, ...contents) {
  for (const content of contents) {
    const { error } = await client.ask("send_message", { room, content });
    if (error !== undefined) throw new Error(error);
  }
}

/** What was heard of one speaker and not taken. */
export const heardOf = (client, id) =>
  client.heard("send_message").map((line) => line[`user_${id}`]).filter((line) => line);

export const hearsOf = (client, id, content) =>
  client.hears("send_message", { [`user_${id}`]: content });

export const left = (id) => system(`user_${id} left the room`);
export const joined = (id) => system(`user_${id} joined the room`);
