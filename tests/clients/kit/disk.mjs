// A store that fails: another process takes the tables away, as a bad disk would, and puts them
// back. Spoken to by: tests of what a failing store means.
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const RENAME = `
import sqlite3, sys
file = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
for table in sys.argv[4:]:
    file.execute(f"ALTER TABLE {sys.argv[2]}{table} RENAME TO {sys.argv[3]}{table}")
`;

/** Does `work` while these tables of a server's data are not to be found. */
export async function withoutTables(server, tables, work) {
  const file = path.join(server.data, "polylogue.db");
  await run("python3", ["-c", RENAME, file, "", "away_", ...tables]);
  try {
    return await work();
  } finally {
    await run("python3", ["-c", RENAME, file, "away_", "", ...tables]);
  }
}
