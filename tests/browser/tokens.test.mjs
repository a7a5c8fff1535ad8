// A server without any login: /demo asks for tokens.
import { after, afterEach, before, test } from "node:test";
import { Stage, reads } from "./kit.mjs";

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
