// Waiting for a condition, never for a time: what does not come by the deadline fails by name.
// Spoken to by: every part of this kit.

/** How long anything is waited for. Far above any answer's time, so never a measure. */
export const DEADLINE_MS = 10_000;
const RETRY_MS = 50;

/** Resolves as `promise` does, or fails after the deadline naming `what`. */
export function within(promise, what, deadlineMs = DEADLINE_MS) {
  let late;
  const deadline = new Promise((_, reject) => {
    late = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), deadlineMs);
  });
  return Promise.race([promise, deadline]).finally(() => clearTimeout(late));
}

/** Asks `condition` again and again until it is truthy; for what does not announce itself. */
export async function until(condition, what, deadlineMs = DEADLINE_MS) {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
