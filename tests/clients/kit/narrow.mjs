// A relay with tiny TCP windows, as a child process: Node cannot set a stream's buffers, Python can.
// Spoken to by: the tests in faults/.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { within } from "./until.mjs";

const SCRIPT = fileURLToPath(new URL("narrow.py", import.meta.url));

/** A relay to where a URL points; its own address is `url`. */
export class Narrow {
  static async to(url) {
    const narrow = new Narrow();
    const { hostname, port } = new URL(url);
    const stdio = ["ignore", "pipe", "inherit"];
    narrow.child = spawn("python3", [SCRIPT, hostname, port], { stdio });
    const lines = createInterface({ input: narrow.child.stdout });
    const said = new Promise((resolve) => lines.once("line", resolve));
    narrow.url = `http://127.0.0.1:${await within(said, "the narrow relay")}`;
    return narrow;
  }

  close() {
    this.child.kill("SIGKILL");
  }
}
