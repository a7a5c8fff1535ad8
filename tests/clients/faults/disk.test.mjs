// A full disk, and a database that cannot be written: every sender is told in their dialect's words,
// all that needs no disk goes on, and once there is room again nothing that was acked is missing.
// Needs root, to mount a disk and to make files immutable; says so where it is skipped.
import assert from "node:assert/strict";
import { cp, mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { conversation, joined } from "../conversations/stage.mjs";
import { Disk, freeze } from "../kit/tmpfs.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET } from "../kit/tokens.mjs";
import { SCENES, castAll } from "./scenes.mjs";

/** More than the write-ahead log has before it is emptied. */
const DISK_BYTES = 32 * 1024 * 1024;
const WORDS = /The server cannot do this now, try again|"type":"E10"/;
const FLAGS = ["--jwt-secret", SECRET];

test("a full disk: told to the sender, and over once there is room", async (t) => {
  const disk = await Disk.mount(DISK_BYTES).catch((error) => skip(t, error));
  if (disk === undefined) return;
  const server = await Polylogue.on({ data: disk.path, flags: FLAGS });
  t.after(async () => {
    await server.kill();
    await disk.unmount();
  });
  await failing(server, () => disk.fill(), () => disk.free());
});

test("a database that cannot be written: the same", async (t) => {
  const server = await Polylogue.mounting([], ...FLAGS);
  t.after(async () => {
    await freeze(server.data, false).catch(() => {});
    await server.remove();
  });
  try {
    await freeze(server.data, true);
    await freeze(server.data, false);
  } catch (error) {
    return skip(t, error);
  }
  await failing(server, () => freeze(server.data, true), () => freeze(server.data, false));
});

function skip(t, error) {
  t.skip(`NOT TESTED, this machine does not allow it: ${error.message}`);
}

/** Everybody speaks before, while and after nothing can be written. */
async function failing(server, breaks, mends) {
  const cast = await castAll(server);
  const scenes = {};
  for (const [dialect, scene] of Object.entries(SCENES)) {
    scenes[dialect] = await scene.open(server, cast[dialect], 1);
  }
  const acked = await everyone(scenes, server, "before");
  const typing = await typists(server);
  await breaks();
  for (const [dialect, scene] of Object.entries(scenes)) {
    for (const [name, speaker] of Object.entries(scene.speakers)) {
      const voice = await speaker(server);
      await assert.rejects(voice.send(`${name}, after`), WORDS, `${dialect}, ${name}`);
      voice.leave();
    }
    const kept = (await scene.history(server)).map(({ content }) => content);
    assert.deepEqual(kept, acked[dialect], `${dialect} is read while it cannot be written`);
  }
  await typing();
  await mends();
  // The very sends that were refused, with their keys.
  const later = await everyone(scenes, server, "after");
  await server.kill();
  await server.again();
  for (const [dialect, scene] of Object.entries(scenes)) {
    const kept = (await scene.history(server)).map(({ content }) => content);
    assert.deepEqual(kept, [...acked[dialect], ...later[dialect]]);
  }
}

/** Everybody says one thing, is acked, and finds it kept -> by dialect what was said. */
async function everyone(scenes, server, when) {
  const acked = {};
  for (const [dialect, scene] of Object.entries(scenes)) {
    acked[dialect] = [];
    for (const [name, speaker] of Object.entries(scene.speakers)) {
      const voice = await speaker(server);
      const content = `${name}, ${when}`;
      await voice.send(content);
      acked[dialect].push(content);
      voice.leave();
    }
    const kept = (await scene.history(server)).map(({ content }) => content);
    assert.deepEqual(kept.slice(-acked[dialect].length), acked[dialect]);
  }
  return acked;
}

/** Two in a conversation of their own -> shows that one hears the other type. */
async function typists(server) {
  const { id } = await conversation(server, 1, 2);
  const [ann, ben] = [await joined(server, 1, id), await joined(server, 2, id)];
  return async () => {
    const typing = { conversationId: id, userId: 1, isTyping: true };
    ann.say("typing", typing);
    await ben.hears("user-typing", typing);
    [ann, ben].forEach((client) => client.leave());
  };
}

const DAMAGES = {
  "noise in place of a database": (file) => writeFile(file, Buffer.alloc(64 * 1024, 7)),
  "a database cut short": (file) => truncate(file, 5_000),
  "a header that is torn": (file) => scratch(file, 16),
  "a schema that is torn": (file) => scratch(file, 100),
};

test("a database that is none: a sentence, an exit code, and no panic", async () => {
  const whole = await mkdtemp(path.join(tmpdir(), "polylogue-whole-"));
  const server = await Polylogue.on({ data: whole, dialects: ["rooms"] });
  await server.stop();
  for (const [what, damage] of Object.entries(DAMAGES)) {
    const data = await mkdtemp(path.join(tmpdir(), "polylogue-damaged-"));
    await cp(whole, data, { recursive: true });
    await damage(path.join(data, "polylogue.db"));
    const starting = Polylogue.on({ data, dialects: ["rooms"] });
    await assert.rejects(starting, ({ message }) => {
      assert.match(message, /exited with [1-9]\d* before it was ready/, what);
      assert.match(message, /polylogue\.db .*(restore|move it away|choose another)/, what);
      assert.doesNotMatch(message, /panick/, what);
      return true;
    });
    await rm(data, { recursive: true });
  }
  await rm(whole, { recursive: true });
});

/** Writes over a hundred bytes. */
async function scratch(file, at) {
  const opened = await open(file, "r+");
  await opened.write(Buffer.alloc(100, 0xee), 0, 100, at);
  await opened.close();
}
