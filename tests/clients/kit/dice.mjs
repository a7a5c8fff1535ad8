// Dice whose throws can be had again: SEED=... in the environment, or a seed that is printed.
// Spoken to by: the tests in faults/.

/** The seed of this process. */
export const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;

/** Throws that depend on the seed alone. */
export class Dice {
  #state;

  constructor(seed = SEED) {
    this.#state = seed;
  }

  /** A whole number below `end`. */
  below(end) {
    return Math.floor(this.#next() * end);
  }

  /** True once in so many throws. */
  once(inMany) {
    return this.below(inMany) === 0;
  }

  /** The next number from 0 to 1: an additive sequence, its bits well mixed. */
  #next() {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
  }
}
