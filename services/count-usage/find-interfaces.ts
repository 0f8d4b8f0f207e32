/** One interface as AWS describes it; only its id is read here. */
export type FoundInterface = Readonly<Record<string, unknown>> & { readonly NetworkInterfaceId?: unknown };

export interface FinderPorts {
  /** All of these interfaces that there are, at most {@link IDS_PER_CALL} ids a call. */
  readonly describe: (interfaceIds: readonly string[]) => Promise<readonly FoundInterface[]>;
  /** AWS did not answer: that many interfaces stay unknown for now. */
  readonly onFailure: (error: unknown, interfaces: number) => void;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Most values of one filter: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html */
const IDS_PER_CALL = 200;
/**
 * EC2 lets an account describe interfaces some 20 times a second, all its programs together: one call of each worker in
 * this time leaves nearly all of that to others.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
const BETWEEN_CALLS_MS = 2000;
const REMEMBERED_MS = 15 * 60_000;
const MAX_REMEMBERED = 10_000;
/** Ids in a log are text of others. */
const INTERFACE_ID = /^eni-[0-9a-f]{8,17}$/;

interface Answer {
  /** Undefined: there is no such interface. */
  readonly described: FoundInterface | undefined;
  readonly until: number;
}

/**
 * Asks AWS about interfaces that no snapshot has, rarely and never twice within 15 minutes, whatever the answer was. A
 * failure to ask is no failure of counting: what was not asked stays unknown, and is counted so.
 */
export class InterfaceFinder {
  readonly #ports: FinderPorts;
  readonly #answers = new Map<string, Answer>();
  #nextCall = 0;

  constructor(ports: FinderPorts) {
    this.#ports = ports;
  }

  /** Those of the ids that may be interfaces: not what AWS said lately it does not know. */
  possible(interfaceIds: readonly string[]): string[] {
    return interfaceIds.filter((id) => {
      if (!INTERFACE_ID.test(id)) return false;
      const answer = this.#answerOf(id);
      return !answer || answer.described !== undefined;
    });
  }

  /** The interfaces with these ids, as far as AWS knows them and it is not too early to ask. */
  async find(interfaceIds: readonly string[]): Promise<readonly FoundInterface[]> {
    const wanted = this.possible(interfaceIds);
    const unasked = wanted.filter((id) => !this.#answerOf(id));
    if (unasked.length > 0 && this.#ports.now() >= this.#nextCall) await this.#ask(unasked.slice(0, IDS_PER_CALL));
    return wanted.map((id) => this.#answerOf(id)?.described).filter((described) => described !== undefined);
  }

  async #ask(interfaceIds: readonly string[]): Promise<void> {
    try {
      const found = await this.#ports.describe(interfaceIds);
      const byId = new Map(found.map((described) => [described.NetworkInterfaceId, described]));
      const until = this.#ports.now() + REMEMBERED_MS;
      for (const id of interfaceIds) this.#remember(id, { described: byId.get(id), until });
    } catch (error) {
      this.#ports.onFailure(error, interfaceIds.length);
    } finally {
      this.#nextCall = this.#ports.now() + BETWEEN_CALLS_MS;
    }
  }

  #answerOf(id: string): Answer | undefined {
    const answer = this.#answers.get(id);
    return answer && answer.until > this.#ports.now() ? answer : undefined;
  }

  #remember(id: string, answer: Answer): void {
    this.#answers.delete(id);
    this.#answers.set(id, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MAX_REMEMBERED && oldest !== undefined) this.#answers.delete(oldest);
  }
}
