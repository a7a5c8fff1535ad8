// How much of a test runs: a short form in `make test`, the long one (LONG=1) in `make chaos`.
// Spoken to by: the tests in faults/.

/** A number from the environment, else the one of the form that runs. */
export function amount(name, short, long) {
  return Number(process.env[name] ?? (process.env.LONG === "1" ? long : short));
}
