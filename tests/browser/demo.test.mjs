// The demonstration: two people who talk, one of whom loses the network.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Stage, reads, shot } from "./kit.mjs";

let stage;
before(async () => {
  stage = await Stage.set();
  await stage.server.demo();
});
afterEach(() => stage.calm());
after(() => stage.strike());

const side = (page, name) => {
  const pane = page.getByRole("region", { name, exact: true });
  return {
    pane,
    log: pane.locator(".log li"),
    state: pane.locator(".state"),
    cut: pane.locator(".cut"),
    packets: pane.locator(".packets li"),
    say: async (text) => {
      await pane.getByLabel("Message").fill(text);
      await pane.getByRole("button", { name: "Send" }).click();
    },
  };
};

/** Everybody whom an API's demonstration shows, and whether it tells who types. */
const APIS = {
  rooms: { people: ["user_1", "user_2"], types: false },
  conversations: { people: ["user 1", "user 2"], types: true },
  chatty: { people: ["Alice", "Bob"], types: false },
  coaching: { people: ["Alice", "Bob"], types: true },
  lounge: { people: ["neo", "trinity"], types: false },
};

test("every API that is mounted has a demonstration here", async () => {
  const page = await stage.open("/demo");
  const options = page.locator("#dialect option");
  const offered = await options.evaluateAll((all) => all.map(({ value }) => value));
  assert.deepEqual(offered.sort(), Object.keys(APIS).sort());
});

for (const [api, { people, types }] of Object.entries(APIS)) {
  test(`by ${api} two people talk, and who loses the network reads all of it`, async () => {
    const page = await stage.open("/demo");
    await page.getByLabel("API", { exact: true }).selectOption(api);
    const [one, other] = people.map((name) => side(page, name));
    for (const { log } of [one, other]) await reads(log, /^You (joined|are)|welcome to chat/);
    await one.pane.getByLabel("Message").pressSequentially("hello");
    if (types) await reads(other.pane.locator(".typing"), "is typing");
    await one.pane.getByRole("button", { name: "Send" }).click();
    await reads(other.log, "hello");
    await reads(one.log, "hello");
    await reads(other.pane.locator(".typing"), /^$/);
    await other.cut.click();
    await reads(other.state, "network cut");
    await one.say("are you there?");
    await reads(one.log, "are you there?");
    await other.cut.click();
    await reads(other.log, "are you there?");
    await other.say("here again");
    await reads(one.log, "here again");
    for (const { log } of [one, other]) {
      const lines = await log.locator(":scope:not(.note)").evaluateAll((all) =>
        all.map((line) => line.lastChild.textContent),
      );
      assert.deepEqual(lines, ["hello", "are you there?", "here again"]);
    }
    await shot(page, `demo-${api}`);
  });
}

test("what one says the other reads, and the packets are shown raw", async () => {
  const page = await stage.open("/demo#rooms");
  const [one, other] = [side(page, "user_1"), side(page, "user_2")];
  await reads(other.log, "You joined the room");
  await one.say("hello there");
  await reads(other.log, "hello there");
  await reads(one.log, "hello there");
  await other.say("and hello to you");
  await reads(one.log, "and hello to you");
  await reads(one.pane.locator(".who"), "user_2");
  await one.pane.getByText("Packets").click();
  await reads(one.packets, '42["send_message",{"user_2":"and hello to you"}]');
  await reads(one.packets, '420["join_room","room_1"]');
  await shot(page, "demo-rooms");
});

test("whoever loses the network reads afterwards what was said meanwhile", async () => {
  const page = await stage.open("/demo#rooms");
  const [one, other] = [side(page, "user_1"), side(page, "user_2")];
  await reads(other.log, "You joined the room");
  await reads(one.state, "connected");
  await other.cut.click();
  await reads(other.state, "network cut");
  await reads(one.log, "user_2 left the room");
  await one.say("said meanwhile");
  await reads(one.log, "said meanwhile");
  assert.equal(await other.log.filter({ hasText: "said meanwhile" }).count(), 0);
  await shot(page, "demo-cut");
  await other.cut.click();
  await reads(other.log, "said meanwhile");
  await reads(other.log, "You are back, and have missed nothing");
  assert.equal(await other.log.filter({ hasText: "said meanwhile" }).count(), 1);
  assert.equal(await other.state.textContent(), "connected");
});

test("two browsers talk", async () => {
  const [here, there] = [await stage.open("/demo#rooms"), await stage.open("/demo#rooms")];
  await reads(side(there, "user_2").log, /You (joined|are already in)/);
  await side(here, "user_1").say("from one browser to the other");
  await reads(side(there, "user_2").log, "from one browser to the other");
  await reads(side(there, "user_1").log, "from one browser to the other");
});

test("the keyboard is enough", async () => {
  const page = await stage.open("/demo#rooms");
  await reads(side(page, "user_2").log, /You (joined|are already in)/);
  await page.evaluate(() => document.querySelector(".sides section").classList.add("first"));
  await page.keyboard.press("Tab");
  const focused = () => page.evaluate(() => document.activeElement.outerHTML.slice(0, 60));
  assert.match(await focused(), /class="skip"/);
  await page.keyboard.press("Enter");
  const isMessage = () => page.evaluate(() => document.activeElement.matches(".say input"));
  for (let steps = 0; !(await isMessage()); steps += 1) {
    assert.ok(steps < 12, `no way to the message by Tab, only to ${await focused()}`);
    await page.keyboard.press("Tab");
  }
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, "solid", "the focus is seen");
  const stayed = await page.evaluate(() => document.activeElement.closest(".first") !== null);
  assert.ok(stayed, "the skip link leads past the head, and starts nothing again");
  await page.keyboard.type("typed blindly");
  await page.keyboard.press("Enter");
  await reads(side(page, "user_2").log, "typed blindly");
});
