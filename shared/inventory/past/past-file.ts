import { formatPrefix, parsePrefix } from '../../addresses/address.ts';
import type { NetworkInterface } from '../inventory.ts';
import type { Age, Life, Past } from './past.ts';

const VERSION = 1;

/** What an account remembered when it was asked last. */
export interface RecalledPast {
  readonly past: Past;
  /** Of what happened later nothing is told: UNIX seconds. */
  readonly until: number;
  /** Since when all that happened is known, UNIX seconds; undefined where some of it is missing. */
  readonly wholeSince: number | undefined;
  /** What could not be asked for, or not for all of it, in words. */
  readonly missing: readonly string[];
}

/** JSON has no Infinity: a time that nobody knows is null. */
type Time = number | null;
type LifeIn<T> = readonly [of: T, from: Time, until: Time, source: Life<unknown>['source']];
/** Addresses as texts, of which there are many. */
type InterfaceIn = Omit<NetworkInterface, 'prefixes'> & { readonly prefixes: readonly string[] };
type AgeIn = Omit<Age, 'since'> & { readonly since: Time };

interface PastFile extends Omit<RecalledPast, 'past'> {
  readonly version: number;
  readonly ages: readonly (readonly [string, AgeIn])[];
  readonly changes: readonly [string, never][];
  readonly rules: readonly LifeIn<never>[];
  readonly entries: readonly LifeIn<never>[];
  readonly interfaces: readonly LifeIn<InterfaceIn>[];
  readonly formerGroups: readonly [string, string][];
  readonly problems: readonly string[];
}

/**
 * As one JSON document, for this version of the program to read back. What still stood when the account was asked has its end
 * then: whether it stood on a later day, others know.
 */
export function pastText({ past, until, ...rest }: RecalledPast): string {
  const lives = <T, R>(all: readonly Life<T>[], of: (one: T) => R): LifeIn<R>[] =>
    all.map((life) => [of(life.of), known(life.from), Math.min(life.until, until), life.source]);
  const file = {
    version: VERSION,
    ...rest,
    until,
    ages: [...past.ages].map(([key, age]) => [key, { ...age, since: known(age.since) }] as const),
    changes: [...past.changes] as [string, never][],
    rules: lives(past.rules, (rule) => rule as never),
    entries: lives(past.entries, (entry) => entry as never),
    interfaces: lives(past.interfaces, (one) => ({ ...one, prefixes: one.prefixes.map(formatPrefix) })),
    formerGroups: [...past.formerGroups],
    problems: past.problems,
  } satisfies PastFile;
  return JSON.stringify(file);
}

/** Reads {@link pastText} back; undefined where another version of the program wrote it. */
export function readPast(text: string): RecalledPast | undefined {
  const file = JSON.parse(text) as PastFile;
  if (file.version !== VERSION) return undefined;
  const lives = <T, R>(all: readonly LifeIn<T>[], of: (one: T) => R): Life<R>[] =>
    all.map(([one, from, until, source]) => ({
      of: of(one),
      from: from ?? -Infinity,
      until: until ?? Infinity,
      source,
    }));
  return {
    until: file.until,
    wholeSince: file.wholeSince,
    missing: file.missing,
    past: {
      ages: new Map(file.ages.map(([key, age]) => [key, { ...age, since: age.since ?? Infinity }])),
      changes: new Map(file.changes),
      rules: lives(file.rules, (rule) => rule),
      entries: lives(file.entries, (entry) => entry),
      interfaces: lives(file.interfaces, (one) => ({
        ...one,
        attachedAt: one.attachedAt,
        prefixes: one.prefixes.flatMap((prefix) => parsePrefix(prefix) ?? []),
      })),
      formerGroups: new Map(file.formerGroups),
      problems: file.problems,
    },
  };
}

function known(time: number): Time {
  return Number.isFinite(time) ? time : null;
}
