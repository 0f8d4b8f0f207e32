import * as z from 'zod';
import { inParts } from '../../shared/in-parallel.ts';
import type { JsonPage } from '../../shared/inventory/json-pages.ts';
import { toldByCloudTrail } from '../../shared/inventory/past/cloudtrail-events.ts';
import { RULE_EVENTS } from '../../shared/inventory/past/event-names.ts';
import { toldByConfig } from '../../shared/inventory/past/config-items.ts';
import type { Told } from '../../shared/inventory/past/told.ts';
import { DAY_SECONDS, isoTime } from '../../shared/time.ts';
import { LOOKUP, partOf, type ReadPart } from './recall-events.ts';
import type { ResourceType } from './recall-states.ts';

/** Objects that hold pages, named by when they were written and by their content; never changed. */
export interface PageStore {
  /** The newest first. */
  keys(): Promise<readonly string[]>;
  read(key: string): Promise<string>;
  /** @param name what its key begins with below the prefix */
  write(name: string, text: string): Promise<void>;
}

/** What is kept of interfaces, some 3 KB each while it is worked with; of what is older, rules and lists are read alone. */
const MOST_OF_INTERFACES = 300_000;
const READ_AT_ONCE = 8;
/** After so long a resource is asked for again: what came since contradicts what it was when it was asked for last. */
const STATES_KEPT_SECONDS = 7 * DAY_SECONDS;
/** In characters: what a round that is killed has to ask for again. */
const KEPT_TOGETHER = 4 * 2 ** 20;

/** Written here, read here: what does not fit was written by another version, and is asked for again. */
const heads = z.object({
  pages: z.array(
    z.looseObject({
      Lookup: LOOKUP.optional(),
      Resource: z.object({ type: z.string(), id: z.string(), askedAt: z.number() }).optional(),
    }),
  ),
});

type Asked = NonNullable<z.output<typeof heads>['pages'][number]['Resource']>;

/** Pages of both histories: those that are kept, and those that come. What they tell is held, they themselves are not. */
export class RecalledPages {
  readonly parts: ReadPart[] = [];
  readonly told: Told[] = [];
  readonly #store: PageStore;
  readonly #now: () => number;
  readonly #most: number;
  /** When each was asked for last, UNIX seconds. */
  readonly #resources = new Map<string, number>();
  #ofInterfaces = 0;
  #leftOut = 0;
  #texts: string[] = [];
  #size = 0;

  /** @param now UNIX seconds */
  constructor(store: PageStore, now: () => number, most = MOST_OF_INTERFACES) {
    this.#store = store;
    this.#now = now;
    this.#most = most;
  }

  /** In words, what of the pages is not used; empty for nothing. */
  get missing(): string[] {
    if (this.#leftOut === 0) return [];
    const most = this.#most.toLocaleString('en');
    return [
      `interfaces that went long ago: more than ${most} changes of interfaces are remembered, the latest are used`,
    ];
  }

  async load(): Promise<void> {
    for (const keys of inParts(await this.#store.keys(), READ_AT_ONCE)) {
      const texts = await Promise.all(keys.map((key) => this.#store.read(key)));
      for (const [i, text] of texts.entries()) this.#take(text, keys[i]!);
    }
  }

  has(type: ResourceType, id: string): boolean {
    return this.#now() - (this.#resources.get(`${type} ${id}`) ?? -Infinity) < STATES_KEPT_SECONDS;
  }

  async keep(page: object): Promise<void> {
    const text = JSON.stringify(page);
    this.#texts.push(text);
    this.#size += text.length;
    if (this.#size >= KEPT_TOGETHER) await this.flush();
  }

  async keepStates(type: ResourceType, id: string, page: object): Promise<void> {
    const Resource: Asked = { type, id, askedAt: this.#now() };
    this.#isNewest(Resource);
    await this.keep({ ...page, Resource });
  }

  async flush(): Promise<void> {
    if (this.#texts.length === 0) return;
    const text = `{"pages":[${this.#texts.join(',')}]}`;
    [this.#texts, this.#size] = [[], 0];
    const name = isoTime(this.#now()).replaceAll(':', '-');
    await this.#store.write(name, text);
    this.#take(text, name);
  }

  #take(text: string, key: string): void {
    const value: unknown = JSON.parse(text);
    const { success, data } = heads.safeParse(value);
    if (!success) return;
    const pages = (value as { pages: JsonPage['value'][] }).pages.flatMap((page, i): JsonPage[] => {
      const { Lookup, Resource } = data.pages[i]!;
      const part = Lookup && partOf(Lookup);
      if (part) this.parts.push(part);
      return Resource && !this.#isNewest(Resource) ? [] : [{ source: `${key} ${String(i)}`, value: page }];
    });
    const [states, events] = [
      pages.filter(({ value: page }) => 'Resource' in page),
      pages.filter(({ value: page }) => 'Lookup' in page),
    ];
    if (events.length > 0) this.told.push(this.#bounded(toldByCloudTrail(events)));
    if (states.length > 0) this.told.push(this.#bounded(toldByConfig(states)));
  }

  /** And notes it. */
  #isNewest({ type, id, askedAt }: Asked): boolean {
    const key = `${type} ${id}`;
    if (askedAt < (this.#resources.get(key) ?? -Infinity)) return false;
    this.#resources.set(key, askedAt);
    return true;
  }

  /** Without what it tells of interfaces, as if nobody had asked for that, where there is too much of it. */
  #bounded(told: Told): Told {
    const size = told.interfaces.length + told.instances.length;
    if (this.#ofInterfaces + size <= this.#most) {
      this.#ofInterfaces += size;
      return told;
    }
    this.#leftOut += size;
    const isOfRules = ({ eventName }: Told['asked'][number]): boolean =>
      (RULE_EVENTS as readonly string[]).includes(eventName);
    return { ...told, interfaces: [], instances: [], asked: told.asked.filter(isOfRules) };
  }
}
