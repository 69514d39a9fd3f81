/**
 * A value over time, kept as the points at which it changed: what a metric was at any minute can be told without having been
 * written down every minute.
 */
export class Timeline<T> {
  readonly #times: number[];
  readonly #values: T[];

  constructor(at: number, value: T) {
    this.#times = [at];
    this.#values = [value];
  }

  /** Index of the last change at or before `at`; -1 before the first. Most questions are about now, so it looks there first. */
  #index(at: number): number {
    let high = this.#times.length - 1;
    if ((this.#times[high] as number) <= at) return high;
    let low = -1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] as number) <= at) low = middle;
      else high = middle;
    }
    return low;
  }

  get now(): T {
    return this.#values[this.#values.length - 1] as T;
  }

  /** Sets the value from `at` on. Times must not go back; an unchanged value leaves no trace. */
  set(at: number, value: T): void {
    const last = this.#times.length - 1;
    if (this.#values[last] === value) return;
    if (this.#times[last] === at) this.#values[last] = value;
    else {
      this.#times.push(at);
      this.#values.push(value);
    }
  }

  at(at: number): T | undefined {
    return this.#values[this.#index(at)];
  }

  /** Since when the value at `at` has been what it is there. */
  since(at: number): number | undefined {
    return this.#times[this.#index(at)];
  }

  /** Mean of `of(value)` over the part of (from, to] that the timeline covers and for which `of` knows a number. */
  mean(from: number, to: number, of: (value: T) => number | undefined): number | undefined {
    let sum = 0;
    let covered = 0;
    for (let i = this.#index(to), end = to; i >= 0 && end > from; i--) {
      const start = Math.max(from, this.#times[i] as number);
      const value = of(this.#values[i] as T);
      if (value !== undefined) {
        sum += value * (end - start);
        covered += end - start;
      }
      end = start;
    }
    return covered > 0 ? sum / covered : undefined;
  }
}
