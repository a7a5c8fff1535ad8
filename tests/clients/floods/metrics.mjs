// One number of GET /metrics, by its name with labels.
// Spoken to by: the tests beside it.

/** The value of a sample; fails where there is none. */
export async function metric(server, sample) {
  const answer = await fetch(`${server.url}/metrics`);
  const lines = (await answer.text()).split("\n");
  const line = lines.find((each) => each.startsWith(`${sample} `));
  if (line === undefined) throw new Error(`no ${sample} in ${lines.length} lines`);
  return Number(line.slice(sample.length + 1));
}
