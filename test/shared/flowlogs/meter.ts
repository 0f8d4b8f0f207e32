/** What something costs this process: time of the processor, which no other program stretches, and memory at its worst. */
export class Meter {
  readonly #cpu = process.cpuUsage();
  readonly #before = process.memoryUsage.rss();
  #most = this.#before;

  /** Call it now and then while the work goes on. */
  look(): void {
    this.#most = Math.max(this.#most, process.memoryUsage.rss());
  }

  get seconds(): number {
    const { user, system } = process.cpuUsage(this.#cpu);
    return (user + system) / 1e6;
  }

  get grownMegabytes(): number {
    this.look();
    return (this.#most - this.#before) / 1e6;
  }
}
