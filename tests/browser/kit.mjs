// A real Chromium on the pages of a real server. What a page complains of (an error, a refused
// script, a broken content security policy) is collected, and fails the test that opened it.
// Spoken to by: every test beside it.
import assert from "node:assert/strict";
import path from "node:path";
import { chromium } from "playwright-core";
import { Polylogue } from "../clients/kit/polylogue.mjs";

const CHROMIUM = process.env.CHROMIUM_BIN ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const PATIENCE_MS = 15_000;

export const DESK = { width: 1280, height: 900 };
export const PHONE = { width: 360, height: 740 };

/** A server with its demonstration data, and a browser before it. */
export class Stage {
  /** With these dialects; none named: all of them. */
  static set(...dialects) {
    return Stage.with(dialects);
  }

  /** The same, with flags added to the command line. */
  static async with(dialects, ...flags) {
    const stage = new Stage();
    stage.server = await Polylogue.mounting(dialects, ...flags);
    stage.browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    stage.complaints = [];
    return stage;
  }

  /** Opens a page of the server in a context of its own. */
  async open(where, { viewport = DESK, colorScheme = "light", signal } = {}) {
    const context = await this.browser.newContext({ viewport, colorScheme });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const complain = (what) => this.complaints.push(`${where}: ${what}`);
    page.on("pageerror", (error) => complain(error));
    page.on("console", (line) => line.type() === "error" && complain(line.text()));
    page.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      const isOurs = protocol === "data:" || `http://${host}` === this.server.url;
      if (!isOurs) complain(`asks elsewhere: ${request.url()}`);
    });
    await context.exposeFunction("complain", complain);
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        window.complain(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    await page.goto(this.server.url + where, { signal });
    return page;
  }

  /** Closes what was opened, and fails if a page complained. */
  async calm() {
    for (const context of this.browser.contexts()) await context.close();
    const complaints = this.complaints.splice(0);
    assert.deepEqual(complaints, [], "no page complains");
  }

  async strike() {
    await this.browser.close();
    await this.server.remove();
  }
}

/** Waits until a locator's text contains `words`. */
export async function reads(locator, words) {
  await locator.filter({ hasText: words }).first().waitFor();
}

/** Puts a picture of a page into the folder that SHOTS names, if it names one. */
export async function shot(page, name) {
  if (process.env.SHOTS) {
    await page.screenshot({ path: path.join(process.env.SHOTS, `${name}.png`), fullPage: true });
  }
}
