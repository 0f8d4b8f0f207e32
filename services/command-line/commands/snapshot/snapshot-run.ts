import { mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../../../shared/disk/output-file.ts';
import { isoTime, secondsFromIso } from '../../../../shared/time.ts';
import { MARKER_FILE } from '../../../snapshot-groups/layout.ts';
import { folderName, readRun, RUN_FILE, type SnapshotPart } from '../../files/account-folders.ts';

/** The folder of a snapshot of several accounts. What is read and what is not is written down as it comes. */
export class SnapshotFolder {
  readonly #out: string;
  readonly #startedAt: string;
  #parts: readonly SnapshotPart[];
  #finishedAt: string | undefined;

  private constructor(out: string, startedAt: string, parts: readonly SnapshotPart[]) {
    this.#out = out;
    this.#startedAt = startedAt;
    this.#parts = parts;
  }

  /**
   * @param resume goes on with the run that was begun there: what it read is not read again, what it could not is
   * @throws Error where there is something else, or none to go on with
   */
  static async open(out: string, resume: boolean, now: number): Promise<SnapshotFolder> {
    mkdirSync(out, { recursive: true });
    const names = await readdir(out);
    if (names.includes(MARKER_FILE)) throw new Error(`${out} is a snapshot of one account; choose another folder`);
    const before = await readRun(out);
    if (resume && !before)
      throw new Error(`${out}: no snapshot of several accounts was begun here; call it without --resume`);
    if (names.length > 0 && !before)
      throw new Error(`${out} is neither empty nor a former snapshot (no ${RUN_FILE}); choose another folder`);
    const folder = new SnapshotFolder(out, resume ? before!.StartedAt : isoTime(now), resume ? before!.Parts : []);
    folder.#write();
    return folder;
  }

  get parts(): readonly SnapshotPart[] {
    return this.#parts;
  }

  folderOf(accountId: string, region: string): string {
    return join(this.#out, folderName(accountId, region));
  }

  /** When the run took it, UNIX seconds; undefined where it did not. */
  takenAt(accountId: string, region: string): number | undefined {
    const found = this.#parts.find((one) => one.AccountId === accountId && one.Region === region && 'TakenAt' in one);
    return found && 'TakenAt' in found ? secondsFromIso(found.TakenAt) : undefined;
  }

  /** What it says of the same account and region before, or of an account as a whole, is out of date. */
  note(part: SnapshotPart): void {
    const isOver = (one: SnapshotPart): boolean =>
      one.AccountId === part.AccountId && (one.Region === undefined || one.Region === part.Region);
    this.#parts = [...this.#parts.filter((one) => !isOver(one)), part];
    this.#write();
  }

  /** All was asked for: a folder of which this is not said was stopped. */
  finish(now: number): void {
    this.#finishedAt = isoTime(now);
    this.#write();
  }

  writeBeside(name: string, content: object): void {
    writeWhole(join(this.#out, name), `${JSON.stringify(content, undefined, 2)}\n`);
  }

  #write(): void {
    this.writeBeside(RUN_FILE, { StartedAt: this.#startedAt, FinishedAt: this.#finishedAt, Parts: this.#parts });
  }
}
