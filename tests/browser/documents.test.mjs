// The pages that the APIs' documents name, walked as they say.
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

/** "Using the Test Client", step by step. */
async function testClient(user) {
  const page = await stage.open("/test/websocket-test.html");
  assert.equal(await page.getByLabel("Server URL").inputValue(), stage.server.url);
  await page.getByLabel("User ID").fill(user);
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await reads(page.locator("#state"), /^connected$/);
  await page.getByLabel("Conversation ID").fill("1");
  await page.getByRole("button", { name: "Join" }).click();
  await reads(page.locator("#messages li"), "Joined conversation 1");
  return page;
}

async function sendMessage(page, text) {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.getByRole("button", { name: "Send Message" }).click();
}

test("the test client of conversations", async () => {
  const one = await testClient("1");
  const other = await testClient("2");
  await reads(one.locator("#messages li"), "User 2 is online");
  await sendMessage(one, "Hello, how are you?");
  await reads(other.locator("#messages li"), "Hello, how are you?");
  await reads(one.locator("#messages li.mine"), "Hello, how are you?");
  await other.getByLabel("Message", { exact: true }).pressSequentially("fi");
  await reads(one.locator("#typing"), "User 2 is typing");
  await sendMessage(other, "fine");
  await reads(one.locator("#messages li"), "fine");
  await one.getByText("Events", { exact: true }).click();
  await shot(one, "websocket-test");
  await other.getByRole("button", { name: "Disconnect" }).click();
  await reads(one.locator("#messages li"), "User 2 is offline");
});

async function logIn(email) {
  const page = await stage.open("/chat-example.html");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill("p@ssword");
  await page.getByRole("button", { name: "Log in" }).click();
  await reads(page.locator("#state"), /^connected$/);
  return page;
}

test("the chat example of coaching", async () => {
  const [alice, bob] = [await logIn("alice@example.com"), await logIn("bob@example.com")];
  await alice.getByText("New chat").click();
  await alice.getByLabel("User ids, with commas").fill("1, 2");
  await alice.getByLabel("Name, for a group").fill("Beginners");
  await alice.getByRole("button", { name: "Create" }).click();
  await reads(alice.locator("#chat-title"), "Beginners");
  await reads(alice.locator("#notifications li"), "new-chat");
  for (const page of [alice, bob]) {
    await page.getByRole("button", { name: "Demo chat" }).click();
    await reads(page.locator("#chat-title"), "Demo chat");
  }
  await reads(alice.locator("#messages li"), "Bob joined");
  await alice.getByLabel("Message", { exact: true }).pressSequentially("Good morning!");
  await reads(bob.locator("#typing"), "Alice Archer is typing");
  await alice.getByRole("button", { name: "Send" }).click();
  await reads(bob.locator("#messages li"), "Good morning!");
  await reads(alice.locator("#messages li.mine"), "Good morning!");
  await shot(alice, "chat-example");
});

test("a wrong password is said so", async () => {
  const page = await stage.open("/chat-example.html");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Log in" }).click();
  await reads(page.getByRole("alert"), "Invalid email or password");
  stage.complaints = stage.complaints.filter((what) => !what.includes("status of 401"));
});
