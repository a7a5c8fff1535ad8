// Starts and ends a server program that prints `listening on URL`. Spoken to by: every suite here.
//
// The server under test is CONFORMANCE_URL where that is set (it must run with TIMING), else the
// program POLYLOGUE_CONFORMANCE_BIN, else the cargo example `conformance`, built for release.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const READY_WITHIN_MS = 10_000;

/** The timing the official suites expect of a server. */
export const TIMING = {
  "ping-interval-ms": 300,
  "ping-timeout-ms": 200,
  "max-payload": 1_000_000,
  "connect-timeout-ms": 1_000,
};

const STOCK = fileURLToPath(new URL("stock.mjs", import.meta.url));
const BUILT = fileURLToPath(
  new URL("../../../target/release/examples/conformance", import.meta.url),
);

/** The server under test: `{ url, stop() }`. */
export async function startServer(flags = TIMING) {
  const url = process.env.CONFORMANCE_URL;
  if (url) return { url: url.replace(/\/$/, ""), stop: async () => {} };
  return start(process.env.POLYLOGUE_CONFORMANCE_BIN ?? BUILT, flags);
}

/** The stock server: `{ url, stop() }`. */
export async function startStock(flags = TIMING) {
  return start(STOCK, flags);
}

async function start(program, flags) {
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const child = spawn(program, ["--listen", "127.0.0.1:0", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit").catch(() => {});
  const url = await ready(child, program);
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), READY_WITHIN_MS);
      await exit;
      clearTimeout(late);
    },
  };
}

function ready(child, program) {
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${program}: ${why}`));
    const late = setTimeout(() => fail("not ready in time"), READY_WITHIN_MS);
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code) => fail(`exited with ${code} before it was ready`));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, url] = /^listening on (http:\/\/\S+)/.exec(line) ?? [];
      if (!url) return;
      clearTimeout(late);
      resolve(url);
    });
  });
}
