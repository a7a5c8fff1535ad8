// Pages where tokens are asked for: a demonstration without any login, and the test client of
// conversations whose users prove who they are.
import { after, afterEach, before, describe, test } from "node:test";
import { Stage, reads, shot } from "./kit.mjs";

describe("a server without any login", () => {
  let stage;
  before(async () => (stage = await Stage.set("lounge")));
  afterEach(() => stage.calm());
  after(() => stage.strike());

  test("where nobody can log in, /demo takes tokens that were printed", async () => {
    const page = await stage.open("/demo");
    await reads(page.getByRole("alert"), "polylogue token --id 1");
    await page.getByLabel("Token of the one").fill(await stage.server.token(1));
    await page.getByLabel("Token of the other").fill(await stage.server.token(2));
    await page.getByRole("button", { name: "Use these" }).click();
    const side = (name) => page.getByRole("region", { name, exact: true });
    await reads(side("neo").locator(".who"), "trinity");
    await side("neo").getByLabel("Message").fill("wake up");
    await side("neo").getByRole("button", { name: "Send" }).click();
    await reads(side("trinity").locator(".log li"), "wake up");
  });
});

describe("conversations that ask for tokens", () => {
  let stage;
  before(async () => {
    stage = await Stage.with(["conversations"], "--conversations-auth", "token");
    await stage.server.demo();
  });
  afterEach(() => stage.calm());
  after(() => stage.strike());

  /** The test client of a user, with a token, connecting. */
  async function client(user, token) {
    const page = await stage.open("/test/websocket-test.html");
    await page.getByLabel("User ID").fill(user);
    await page.getByLabel("Token, if asked for").fill(token);
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    return page;
  }

  test("their test client talks with tokens", async () => {
    const pages = [];
    for (const user of ["1", "2"]) {
      const page = await client(user, await stage.server.token(Number(user)));
      await reads(page.locator("#state"), /^connected$/);
      await page.getByRole("button", { name: "Join" }).click();
      await reads(page.locator("#messages li"), "Joined conversation 1");
      pages.push(page);
    }
    const [one, other] = pages;
    await one.getByLabel("Message", { exact: true }).fill("proven");
    await one.getByRole("button", { name: "Send Message" }).click();
    await reads(other.locator("#messages li"), "proven");
    await shot(other, "websocket-test-token");
  });

  test("their test client says that nobody is let in without the user's own token", async () => {
    for (const token of ["", "abc", await stage.server.token(2)]) {
      const page = await client("1", token);
      await reads(page.locator("#messages li"), "Unauthorized");
      await reads(page.locator("#state"), "not connected");
    }
  });

  test("their demonstration takes tokens that were printed", async () => {
    const page = await stage.open("/demo");
    await reads(page.getByRole("alert"), "polylogue token --id 1");
    await page.getByLabel("Token of the one").fill(await stage.server.token(1));
    await page.getByLabel("Token of the other").fill(await stage.server.token(2));
    await page.getByRole("button", { name: "Use these" }).click();
    const side = (name) => page.getByRole("region", { name, exact: true });
    await side("user 1").getByLabel("Message").fill("wake up");
    await side("user 1").getByRole("button", { name: "Send" }).click();
    await reads(side("user 2").locator(".log li"), "wake up");
    stage.complaints = stage.complaints.filter((what) => !/status of 40[13]/.test(what));
  });
});
