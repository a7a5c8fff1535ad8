// A small disk of its own for a data directory, which can be full; and files that cannot be written.
// Both need root. Spoken to by: the tests in faults/.
import { execFile } from "node:child_process";
import { mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const FILLER = "filler";
const PAGE_BYTES = 4_096;

/** A mounted tmpfs. */
export class Disk {
  /** -> a disk of so many bytes; fails where nothing may be mounted. */
  static async mount(bytes) {
    const disk = new Disk();
    disk.path = await mkdtemp(path.join(tmpdir(), "polylogue-disk-"));
    try {
      await run("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "polylogue-test", disk.path]);
    } catch (error) {
      await rm(disk.path, { recursive: true });
      throw error;
    }
    return disk;
  }

  /** Leaves no byte free. */
  async fill() {
    const filler = await open(path.join(this.path, FILLER), "w");
    try {
      for (;;) await filler.write(Buffer.alloc(PAGE_BYTES));
    } catch (error) {
      if (error.code !== "ENOSPC") throw error;
    } finally {
      await filler.close();
    }
  }

  /** Gives it all back. */
  async free() {
    await rm(path.join(this.path, FILLER));
  }

  async unmount() {
    await run("umount", [this.path]);
    await rm(this.path, { recursive: true });
  }
}

/** Makes the files of a directory unwritable, for those who have them open as well; or undoes it. */
export async function freeze(directory, isFrozen) {
  const names = (await readdir(directory)).filter((name) => name.startsWith("polylogue.db"));
  const files = names.map((name) => path.join(directory, name));
  await run("chattr", [isFrozen ? "+i" : "-i", ...files]);
}
