// Things that are done a little later, once for all reasons that come until then.
import type { Surroundings } from './gateway.ts';

/** How long several reasons are gathered, in milliseconds. */
const DELAY_MS = 150;

/** What is soon to be done, by name. */
export class Soon {
  readonly #timers = new Map<string, unknown>();

  /** Does nothing while it is not `ready`. */
  constructor(private readonly surroundings: Surroundings, private readonly ready: () => boolean) {}

  /** Does something soon; what waits under the same name already is enough. */
  do(name: string, action: () => Promise<void>, delay = DELAY_MS): void {
    if (this.#timers.has(name)) return;
    this.#timers.set(name, this.surroundings.setTimer(() => {
      this.#timers.delete(name);
      if (this.ready()) void action();
    }, delay));
  }

  /** The same when there is more to gather. */
  later(name: string, action: () => Promise<void>): void {
    this.do(name, action, 2 * DELAY_MS);
  }
}
