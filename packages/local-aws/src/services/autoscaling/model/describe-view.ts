/** A value that others see only some time after it has changed. Changes arrive in their order. */
export class EventuallyConsistent<T> {
  #visible: T;
  readonly #coming: { at: number; value: T }[] = [];

  constructor(visible: T) {
    this.#visible = visible;
  }

  /** From `at` on the value is seen, or from when the change before it is. Returns that time. */
  set(at: number, value: T): number {
    const seenAt = Math.max(at, this.#coming.at(-1)?.at ?? at);
    this.#coming.push({ at: seenAt, value });
    return seenAt;
  }

  seen(now: number): T {
    for (let next = this.#coming[0]; next && next.at <= now; next = this.#coming[0]) {
      this.#visible = next.value;
      this.#coming.shift();
    }
    return this.#visible;
  }
}
