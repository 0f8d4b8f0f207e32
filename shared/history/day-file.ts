import * as z from 'zod';
import type { FlowLog } from '../inventory/inventory.ts';
import { InventoryError } from '../inventory/inventory-error.ts';
import { partText, readPart } from '../tables/part-file.ts';
import type { RuleFacts } from '../usage/addition.ts';
import { emptyRuleDay, emptyUsage, type Usage } from '../usage/usage.ts';
import type { DayFacts } from './day-facts.ts';
import type { Day } from '../time.ts';
import { shown } from '../text/plain.ts';

const VERSION = 1;

/** All that a verdict asks of one day. */
export interface DayOfHistory {
  readonly facts: DayFacts;
  /** By the source that counts for the day. */
  readonly usage: Usage;
  /** What the other source said of it, where there is one; the file keeps of it what a verdict asks. */
  readonly other: Usage | undefined;
}

/** JSON knows no Infinity: a time that nobody knows is null. */
const time = z.number().nullable();

const day = z.object({
  version: z.literal(VERSION),
  day: z.int(),
  assumed: z.boolean(),
  /** Programs of before did not ask. */
  outdated: z.boolean().default(false),
  interfaces: z.array(
    z.object({
      interfaceId: z.string(),
      vpcId: z.string(),
      subnetId: z.string(),
      type: z.string(),
      attachedAt: z.number().optional(),
      groupIds: z.array(z.string()),
    }),
  ),
  flowLogs: z
    .array(
      z.object({
        flowLogId: z.string(),
        resourceId: z.string(),
        trafficType: z.enum(['ALL', 'ACCEPT', 'REJECT']),
        active: z.boolean(),
        createdAt: time,
      }),
    )
    .nullable(),
  associations: z.array(z.object({ groupId: z.string(), vpcId: z.string(), state: z.string() })),
  contents: z.array(z.tuple([z.string(), time])),
  entries: z.array(z.tuple([z.string(), time])),
  referred: z.array(z.string()),
  hasOther: z.boolean(),
});
type DayHead = z.output<typeof day>;

/**
 * A day as a text of lines: what stood, then the usage of the source that speaks, then that of the other, each one JSON
 * document.
 *
 * @param rules of all that have usage
 */
export function dayText({ facts, usage, other }: DayOfHistory, rules: ReadonlyMap<string, RuleFacts>): string {
  const head: DayHead = {
    version: VERSION,
    day: facts.day,
    assumed: facts.assumed,
    outdated: facts.outdated,
    interfaces: facts.interfaces.map((one) => ({ ...one, groupIds: [...one.groupIds] })),
    flowLogs: facts.flowLogs?.map((log) => ({ ...log, createdAt: finite(log.createdAt) })) ?? null,
    associations: [...facts.associations],
    contents: timesOf(facts.contents),
    entries: timesOf(facts.entries),
    referred: [...facts.referred],
    hasOther: other !== undefined,
  };
  const usages = other ? [usage, asked(other)] : [usage];
  return [JSON.stringify(head), ...usages.map((one) => partText(facts.day, one, rules))].join('\n');
}

/** Counters of rules, and the sets in which they admitted: what the source that does not speak may add to a verdict. */
function asked({ rules, admittingSets }: Usage): Usage {
  const inShort = [...rules].map(([id, days]) => {
    const short = [...days].map(([on, use]) => {
      const { hours, ports, peers } = emptyRuleDay();
      return [on, { ...use, hours, ports, peers }] as const;
    });
    return [id, new Map(short)] as const;
  });
  return { ...emptyUsage(), rules: new Map(inShort), admittingSets };
}

/**
 * Reads {@link dayText} back.
 *
 * @param name for messages: where the text came from
 * @throws InventoryError for another version, and for what is not a day, or not all of one
 */
export function readDay(text: string, name: string): DayOfHistory {
  const [first = '', ...parts] = text.split('\n');
  const value = parsed(first, name);
  const version = (value as { version?: unknown } | null)?.version;
  if (version !== VERSION) {
    const found = version === undefined ? 'no version' : `version ${shown(JSON.stringify(version))}`;
    throw new InventoryError(`${name}: ${found}; this program reads version ${VERSION}`);
  }
  const { success, data, error } = day.safeParse(value);
  if (!success) {
    const { path, message } = error.issues[0]!;
    throw new InventoryError(`${name}: ${path.map(String).join('.')}: ${message}`);
  }
  if (parts.length !== (data.hasOther ? 2 : 1)) throw new InventoryError(`${name}: cut: ${parts.length} usages`);
  const [usage, other] = parts.map((part) => usageOf(part, data.day, name));
  return { facts: factsOfHead(data), usage: usage!, other };
}

function factsOfHead({ flowLogs, contents, entries, referred, ...head }: DayHead): DayFacts {
  const { day: number, assumed, outdated, interfaces, associations } = head;
  return {
    day: number,
    assumed,
    outdated,
    associations,
    interfaces: interfaces.map(({ attachedAt, ...one }) => ({ ...one, attachedAt })),
    flowLogs: flowLogs?.map((log): FlowLog => ({ ...log, createdAt: log.createdAt ?? Infinity })),
    contents: mapOf(contents),
    entries: mapOf(entries),
    referred: new Set(referred),
  };
}

function usageOf(part: string, of: Day, name: string): Usage {
  let usage: Usage;
  try {
    usage = readPart(part, name).usage;
  } catch (error) {
    throw new InventoryError(`${name}: a usage cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const days = [...usage.rules.values(), ...usage.interfaces.values()].flatMap((some) => [...some.keys()]);
  if (days.some((one) => one !== of)) throw new InventoryError(`${name}: usage of another day`);
  return usage;
}

function timesOf(times: ReadonlyMap<string, number>): [string, number | null][] {
  return [...times].map(([key, takenAt]) => [key, finite(takenAt)]);
}

function mapOf(times: readonly (readonly [string, number | null])[]): Map<string, number> {
  return new Map(times.map(([key, takenAt]) => [key, takenAt ?? Infinity]));
}

function finite(seconds: number): number | null {
  return seconds === Infinity ? null : seconds;
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InventoryError(`${name}: not JSON: is it cut or damaged?`, { cause: error });
  }
}
