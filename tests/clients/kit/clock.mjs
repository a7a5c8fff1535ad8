// A wall clock that can be set: libfaketime between a server and its system. The clock that only
// runs on is left alone, as on a machine whose time is corrected.
// Spoken to by: the tests in faults/.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const LIBRARIES = "/usr/lib";
const LIBRARY = "faketime/libfaketimeMT.so.1";

/** A clock that is right until it is set. */
export class Clock {
  constructor() {
    const places = readdirSync(LIBRARIES).map((name) => path.join(LIBRARIES, name, LIBRARY));
    const library = places.find(existsSync);
    if (library === undefined) throw new Error(`no ${LIBRARY} (tests/setup.sh installs it)`);
    this.directory = mkdtempSync(path.join(tmpdir(), "polylogue-clock-"));
    this.file = path.join(this.directory, "now");
    this.set(0);
    /** What a process needs in its environment to read this clock. */
    this.env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
  }

  /** So many seconds ahead of the true time, or behind it. */
  set(aheadS) {
    writeFileSync(this.file, aheadS < 0 ? `${aheadS}` : `+${aheadS}`);
    this.aheadS = aheadS;
  }

  /** Its time, in ms since 1970. */
  get nowMs() {
    return Date.now() + this.aheadS * 1_000;
  }

  remove() {
    rmSync(this.directory, { recursive: true });
  }
}
