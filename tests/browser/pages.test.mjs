// All pages: on a phone, in the dark, by name for those who cannot see them; without any data.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { PHONE, Stage, reads, shot } from "./kit.mjs";

const PAGES = ["/", "/demo", "/docs", "/chat-example.html", "/test/websocket-test.html"];

let stage;
before(async () => (stage = await Stage.set()));
afterEach(() => stage.calm());
after(() => stage.strike());

const settled = (page) => page.waitForLoadState("networkidle");

test("without demonstration data, /demo says what to run", async () => {
  const page = await stage.open("/demo#rooms");
  await reads(page.getByRole("alert"), "polylogue demo");
  stage.complaints = stage.complaints.filter((what) => !what.includes("status of 400"));
});

test("the front page says how to connect to this very server", async () => {
  await stage.server.demo();
  const page = await stage.open("/");
  const card = page.getByRole("article", { name: "rooms" });
  await reads(card.locator("pre"), `io("${stage.server.url}"`);
  const loaded = await page.evaluate(() => typeof io);
  assert.equal(loaded, "function", "the stock client is there");
  await card.getByRole("link", { name: "Demo" }).click();
  await reads(page.getByRole("region", { name: "user_2" }).locator(".state"), "connected");
});

test("the API documents can be read", async () => {
  const page = await stage.open("/docs#rooms");
  await page.getByText("/auth/login").click();
  await reads(page.locator("details[open]"), "access_token");
  await page.getByText("Welcomes a socket").click();
  await reads(page.locator("details[open]"), "Welcome user_1 to the server");
  await shot(page, "docs");
});

for (const where of PAGES) {
  test(`${where} fits a phone`, async () => {
    const page = await stage.open(where, { viewport: PHONE });
    await settled(page);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= PHONE.width, `${width} px wide`);
    await shot(page, `phone${where.replaceAll("/", "-")}`);
  });

  test(`${where} is dark in the dark, and can be read there`, async () => {
    for (const colorScheme of ["light", "dark"]) {
      const page = await stage.open(where, { colorScheme });
      await settled(page);
      const { ground, ratio } = await page.evaluate(contrast);
      assert.equal(ground < 0.2, colorScheme === "dark", `a ground of ${ground}`);
      assert.ok(ratio >= 4.5, `a contrast of ${ratio}`);
      await shot(page, `${colorScheme}${where.replaceAll("/", "-")}`);
    }
  });

  test(`${where} has a name for everything`, async () => {
    const page = await stage.open(where);
    await settled(page);
    const nameless = await page.evaluate(() => {
      const isNamed = (field) => field.labels.length > 0 || field.ariaLabel;
      const fields = [...document.querySelectorAll("input, select, textarea")];
      const buttons = [...document.querySelectorAll("button, a")];
      const unnamed = fields.filter((field) => !isNamed(field));
      unnamed.push(...buttons.filter((one) => !(one.textContent.trim() || one.ariaLabel)));
      return unnamed.map((one) => one.outerHTML);
    });
    assert.deepEqual(nameless, []);
    assert.equal(await page.locator("h1").count(), 1);
    assert.equal(await page.getAttribute("html", "lang"), "en");
  });
}

/** The ground's luminance, and the least contrast of a text to it (WCAG 2.2, 1.4.3). */
function contrast() {
  const luminance = (color) => {
    const parts = color.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255);
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = parts.map(linear);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    const { backgroundColor } = getComputedStyle(element);
    if (backgroundColor !== "rgba(0, 0, 0, 0)" || !element.parentElement) return backgroundColor;
    return groundOf(element.parentElement);
  };
  const ratio = (element) => {
    const pair = [luminance(getComputedStyle(element).color), luminance(groundOf(element))];
    pair.sort((one, other) => other - one);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  };
  const kinds = "h1, h2, p, a, label, button:enabled, code, summary";
  const texts = [...document.querySelectorAll(kinds)];
  const shown = texts.filter((element) => element.offsetParent && !element.matches(".skip"));
  const ratios = shown.map(ratio);
  const ground = luminance(getComputedStyle(document.body).backgroundColor);
  return { ground, ratio: Math.min(...ratios) };
}
