import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  CLAIM_MS,
  Refused,
  sendOnce,
  type Claim,
  type OwnClaim,
  type SentNotes,
} from '../../../shared/aws/send-once.ts';
import { DynamoSentNotes } from '../../../shared/aws/sent-notes.ts';
import { tableNames } from '../../../shared/names.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';

jest.setTimeout(60_000);

class Died extends Error {}

/** Where a run dies: before or after one of its calls has taken effect. */
interface Death {
  readonly call: 'claim' | 'send' | 'noteSent' | 'release';
  readonly when: 'before' | 'after';
}

/** What mail there is in the world, and a clock that only waits move. */
class World {
  readonly delivered: string[] = [];
  readonly waits: number[] = [];
  /** What other runs do while one waits. */
  meanwhile: Promise<unknown> = Promise.resolve();
  time = Date.parse('2026-02-01T03:44:00Z');
  readonly #notes: SentNotes;

  constructor(notes: SentNotes) {
    this.#notes = notes;
  }

  /** One run; its message says what it is told of earlier ones. */
  async run({ death, answer }: { death?: Death; answer?: Error } = {}, name = 'reports/r', to = ['a@example.com']) {
    const dying = async <T>(call: Death['call'], deed: () => Promise<T>): Promise<T> => {
      if (death?.call === call && death.when === 'before') throw new Died();
      const done = await deed();
      if (death?.call === call) throw new Died();
      return done;
    };
    const ports = {
      notes: {
        claim: (message: string, now: number, until: number) =>
          dying('claim', () => this.#notes.claim(message, now, until)),
        noteSent: (message: string, id: string) => dying('noteSent', () => this.#notes.noteSent(message, id)),
        release: (message: string, claim: OwnClaim) => dying('release', () => this.#notes.release(message, claim)),
      },
      send: (_to: readonly string[], bytes: Buffer) =>
        dying('send', async () => {
          if (answer) throw answer;
          this.delivered.push(bytes.toString());
          return `id-${this.delivered.length}`;
        }),
      now: () => new Date(this.time),
      wait: async (milliseconds: number) => {
        this.waits.push(milliseconds);
        await this.meanwhile;
        this.time += milliseconds;
      },
    };
    return sendOnce(name, to, async (repeats) => Buffer.from(`repeats ${repeats ?? 'nothing'}`), ports);
  }
}

const FIRST = 'repeats nothing';
const AGAIN = 'repeats 2026-02-01T03:44:00.000Z';

/** The promises of {@link sendOnce}, over one kind of notes. */
function sendsOnce(notesOf: () => SentNotes): void {
  test('twice run, once sent', async () => {
    const world = new World(notesOf());
    expect(await world.run()).toEqual({ messageId: 'id-1', outcome: 'sent' });
    expect(await world.run()).toEqual({ messageId: 'id-1', outcome: 'already' });
    expect([world.delivered, world.waits]).toEqual([[FIRST], []]);
  });

  test('another report, and other recipients, are other messages', async () => {
    const world = new World(notesOf());
    await world.run();
    await world.run({}, 'reports/other');
    await world.run({}, 'reports/r', ['b@example.com']);
    expect(world.delivered).toEqual([FIRST, FIRST, FIRST]);
  });

  test.each<[death: Death, delivered: string[], why: string]>([
    [{ call: 'claim', when: 'before' }, [FIRST], 'nothing was begun'],
    [{ call: 'claim', when: 'after' }, [AGAIN], 'it may have gone out, for all that is known'],
    [{ call: 'send', when: 'before' }, [AGAIN], 'the same'],
    [{ call: 'send', when: 'after' }, [FIRST, AGAIN], 'it did go out: the second says that it may be one'],
  ])('dead at %j: then the next run delivers %j', async (death, delivered) => {
    const world = new World(notesOf());
    await expect(world.run({ death })).rejects.toThrow(Died);
    await world.run();
    expect(await world.run()).toMatchObject({ outcome: 'already' });
    expect(world.delivered).toEqual(delivered);
  });

  test.each<Death>([
    { call: 'noteSent', when: 'before' },
    { call: 'noteSent', when: 'after' },
  ])('where it went out and %j fails, the run has not failed, and says so', async (death) => {
    const world = new World(notesOf());
    expect(await world.run({ death })).toEqual({ messageId: 'id-1', outcome: 'sent', unnoted: expect.any(Died) });
    expect(world.delivered).toEqual([FIRST]);
  });

  test('refused by SES, it is sent by the next run, as if for the first time', async () => {
    const world = new World(notesOf());
    await expect(world.run({ answer: new Refused('no') })).rejects.toThrow(Refused);
    expect(await world.run()).toMatchObject({ outcome: 'sent' });
    expect([world.delivered, world.waits]).toEqual([[FIRST], []]);
  });

  test('not answered by SES, it is sent again once the claim has ended, and says so', async () => {
    const world = new World(notesOf());
    await expect(world.run({ answer: new Error('socket hang up') })).rejects.toThrow('socket hang up');
    world.time += 20_000;
    expect(await world.run()).toMatchObject({ outcome: 'again' });
    expect([world.delivered, world.waits]).toEqual([[AGAIN], [CLAIM_MS - 20_000 + 1]]);
  });

  test('a refusal makes no secret of an earlier run that may have sent it', async () => {
    const world = new World(notesOf());
    await expect(world.run({ answer: new Error('socket hang up') })).rejects.toThrow('socket hang up');
    await expect(world.run({ answer: new Refused('no') })).rejects.toThrow(Refused);
    expect(await world.run()).toMatchObject({ outcome: 'again' });
    expect(world.delivered).toEqual([AGAIN]);
    expect(world.waits).toHaveLength(1);
  });

  test('of two runs at once one sends, and the other finds it sent', async () => {
    const notes = notesOf();
    const world = new World(notes);
    const noted = Promise.withResolvers<unknown>();
    world.meanwhile = noted.promise;
    let second: Promise<unknown> | undefined;
    const ports = {
      notes: {
        claim: (message: string, now: number, until: number) => notes.claim(message, now, until),
        noteSent: (message: string, id: string) => notes.noteSent(message, id).finally(() => noted.resolve(id)),
        release: (message: string, claim: OwnClaim) => notes.release(message, claim),
      },
      send: async (_to: readonly string[], bytes: Buffer) => {
        world.delivered.push(bytes.toString());
        second ??= world.run();
        return 'id-1';
      },
      now: () => new Date(world.time),
    };
    const first = await sendOnce('reports/r', ['a@example.com'], async () => Buffer.from(FIRST), ports);
    expect([first.outcome, await second]).toEqual(['sent', { messageId: 'id-1', outcome: 'already' }]);
    expect(world.delivered).toEqual([FIRST]);
  });

  test('a run whose claim was taken over gives nothing back', async () => {
    const notes = notesOf();
    const mine = (await notes.claim('m', 1000, 2000)) as OwnClaim;
    const other = (await notes.claim('m', 2001, 9000)) as OwnClaim;
    await notes.release('m', mine);
    expect([mine.repeats, other.repeats]).toEqual([undefined, '1970-01-01T00:00:01.000Z']);
    expect(await notes.claim('m', 3000, 9000)).toEqual({ kind: 'held', until: 9000 });
    await notes.noteSent('m', 'id');
    expect(await notes.claim('m', 99_000, 100_000)).toEqual({ kind: 'sent', messageId: 'id' });
  });

  test('a mail that cannot be composed holds nobody up', async () => {
    const world = new World(notesOf());
    const ports = { notes: notesOf(), send: async () => 'id', now: () => new Date(world.time) };
    const failing = sendOnce('reports/f', ['a@example.com'], () => Promise.reject(new Error('no mail')), ports);
    await expect(failing).rejects.toThrow('no mail');
    const sent = await sendOnce('reports/f', ['a@example.com'], async () => Buffer.from(''), ports);
    expect(sent.outcome).toBe('sent');
  });
}

/** What the state table does, in a variable. */
function notesInMemory(): SentNotes {
  const items = new Map<string, { begun: string; until: number; token: string; sent?: string }>();
  let tokens = 0;
  return {
    claim: async (message, now, until): Promise<Claim> => {
      const token = String(tokens++);
      const found = items.get(message);
      if (found?.sent !== undefined) return { kind: 'sent', messageId: found.sent };
      if (found && found.until > now) return { kind: 'held', until: found.until };
      items.set(message, { begun: found?.begun ?? new Date(now).toISOString(), until, token });
      return { kind: 'ours', token, repeats: found?.begun };
    },
    noteSent: async (message, messageId) => {
      items.get(message)!.sent = messageId;
    },
    release: async (message, { token, repeats }) => {
      const found = items.get(message);
      if (found?.token !== token) return;
      if (repeats === undefined) items.delete(message);
      else found.until = 0;
    },
  };
}

describe('with notes in memory', () => {
  let notes = notesInMemory();
  beforeEach(() => {
    notes = notesInMemory();
  });
  sendsOnce(() => notes);

  test('gives up on a message that other runs hold one after the other', async () => {
    const held: SentNotes = { ...notesInMemory(), claim: async (_message, now) => ({ kind: 'held', until: now + 5 }) };
    const world = new World(held);
    await expect(world.run()).rejects.toThrow(/^reports\/r#[0-9a-f]{16}: other runs hold it/);
    expect(world.waits).toHaveLength(3);
  });
});

describeWithDynamoDb('with notes in the state table', (bed) => {
  let prefix = 'once';
  beforeEach(async () => {
    prefix += '-';
    await bed().createTables(prefix);
  });
  const notesOf = () => new DynamoSentNotes(bed().client(), tableNames(prefix).state);
  sendsOnce(notesOf);

  test('claims of ten at once are one', async () => {
    const notes = notesOf();
    const claims = await Promise.all(Array.from({ length: 10 }, () => notes.claim('m', 1000, 2000)));
    expect(claims.filter(({ kind }) => kind === 'ours')).toHaveLength(1);
    const later = await Promise.all(Array.from({ length: 10 }, () => notes.claim('m', 2001, 3000)));
    expect(later.filter(({ kind }) => kind === 'ours')).toHaveLength(1);
    expect(later.filter(({ kind }) => kind === 'held')).toHaveLength(9);
  });
});
