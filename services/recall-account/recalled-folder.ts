import { readdir, readFile } from 'node:fs/promises';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { writeWhole } from '../../shared/disk/output-file.ts';
import { isoTime } from '../../shared/time.ts';
import { LOOKUP, partOf, type ReadPart } from './recall-events.ts';

/** As inventories have it. */
const CONFIG_FOLDER = 'config-history';
const FILE = /^cloudtrail-events\.(\d+)\.json$/;
const page = z.object({ Lookup: LOOKUP });

/** What a run left behind that was stopped. */
export interface Begun {
  /** When the snapshot was taken, UNIX seconds. */
  readonly takenAt: number;
  readonly parts: readonly ReadPart[];
}

/**
 * The files of a snapshot's folder that hold its history: `cloudtrail-events.<n>.json`, one for each part that was read, and
 * `config-history/<type>-<id>.json`.
 */
export class RecalledFolder {
  readonly #folder: string;
  #files = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Notes that a history of this snapshot is being read; of one that was begun, once more.
   *
   * @param RulesDigest of its rules and entries: to others the history does not belong
   */
  async begin(takenAt: number, days: number, RulesDigest: string): Promise<void> {
    const [StartTime, EndTime] = [takenAt - days * 86_400, takenAt].map(isoTime);
    await this.keep({ Events: [], RulesDigest, Lookup: { StartTime, EndTime, AskedAt: EndTime, Complete: false } });
  }

  /** @throws Error where no run began in this folder, or a file of it is not one of its own */
  async begun(): Promise<Begun> {
    const names = (await readdir(this.#folder)).filter((name) => FILE.test(name));
    const lookups = await Promise.all(names.map((name) => this.#lookupIn(name)));
    this.#files = Math.max(-1, ...names.map((name) => Number(FILE.exec(name)![1]))) + 1;
    const first = lookups.find(({ Complete }) => !Complete);
    if (!first) throw new Error(`${this.#folder}: no history was begun here; call it without --resume`);
    const parts = lookups.flatMap((lookup) => partOf(lookup) ?? []);
    return { takenAt: first.EndTime, parts };
  }

  keep(content: object): Promise<void> {
    const name = `cloudtrail-events.${String(this.#files++)}.json`;
    writeWhole(join(this.#folder, name), `${JSON.stringify(content, undefined, 2)}\n`);
    return Promise.resolve();
  }

  /** Whether the states of a resource are there already. */
  hasStates(type: string, id: string): boolean {
    return existsSync(this.#statesFile(type, id));
  }

  keepStates(type: string, id: string, page: object): void {
    const path = this.#statesFile(type, id);
    mkdirSync(dirname(path), { recursive: true });
    writeWhole(path, `${JSON.stringify(page, undefined, 2)}\n`);
  }

  /** @throws Error where the id is not one, before it can become a path */
  #statesFile(type: string, id: string): string {
    if (!/^[\w-]{1,64}$/.test(id)) throw new Error(`not the id of a resource: ${JSON.stringify(id)}`);
    return join(this.#folder, CONFIG_FOLDER, `${type.split('::').at(-1)!}-${id}.json`);
  }

  async #lookupIn(name: string): Promise<z.output<typeof LOOKUP>> {
    const path = join(this.#folder, name);
    try {
      return page.parse(JSON.parse(await readFile(path, 'utf8'))).Lookup;
    } catch (error) {
      throw new Error(`${path}: not a file of a history that was begun; take a new snapshot`, { cause: error });
    }
  }
}
