import * as z from 'zod';
import { formatPrefix, parsePrefix, type Prefix } from '../../addresses/address.ts';
import { count } from '../../text/numbers.ts';
import { secondsFromAws } from '../aws-time.ts';
import type { NetworkInterface, Rule } from '../inventory.ts';
import type { JsonPage } from '../json-pages.ts';
import { asDescribed, listOf, toldInterface, toldPermission } from './as-described.ts';
import { CAPTURE_SECONDS, contentKey } from './past.ts';
import type { Told, ToldEntry, ToldGroup, ToldInterface, ToldRule } from './told.ts';

/** The resources that are asked for, the most useful first. */
export const CONFIG_TYPES = ['AWS::EC2::SecurityGroup', 'AWS::EC2::PrefixList', 'AWS::EC2::NetworkInterface'] as const;
type ConfigType = (typeof CONFIG_TYPES)[number];

const time = z.union([z.string(), z.number()]).transform((value) =>
  // The CLI prints seconds or text, as it is configured.
  typeof value === 'number' ? Math.floor(value) : (secondsFromAws(value) ?? Number.NaN),
);

/** An item of `configurationItems`: https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationItem.html */
const item = z.looseObject({
  configurationItemCaptureTime: time,
  configurationItemStatus: z.string(),
  resourceType: z.string(),
  resourceId: z.string(),
  /** Of a resource that was deleted there is none. */
  configuration: z.string().nullish(),
});
type Item = z.output<typeof item>;

/**
 * Whether states are recorded, and without a break since when: `stale-sg snapshot --history` writes it beside the answer. Where it is not
 * told, or nothing is recorded any more, states of before tell nothing of how old something is.
 * https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationRecorderStatus.html
 */
const recorder = z.object({ recording: z.literal(true), lastStartTime: time });

/** A resource as it was from one capture to the next; undefined once it is gone. */
interface State {
  readonly at: number;
  readonly configuration: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Reads pages of `aws configservice get-resource-config-history`, of any resources in any order. Config captures a state some
 * time after the change, so what is told happened then or before. Nothing is refused: what cannot be read is
 * counted in `problems`.
 */
export function toldByConfig(pages: readonly JsonPage[]): Told {
  const states = new States();
  for (const ofFile of Map.groupBy(pages, ({ source }) => source.replace(/, page \d+$/, '')).values())
    states.file(ofFile);
  return states.finish();
}

class States {
  readonly #byResource = new Map<
    string,
    { readonly type: ConfigType; readonly id: string; readonly items: Map<string, Item> }
  >();
  readonly #problems: string[] = [];
  /** Recorded without a break since the latest of them, UNIX seconds; of none nobody says. */
  readonly #recorderStarts: number[] = [];
  #unread = 0;
  /** Items of which not even the resource and the time can be read: any state may be missing. */
  #lost = false;

  file(pages: readonly JsonPage[]): void {
    const last = pages.at(-1)!;
    if (typeof last.value.nextToken === 'string' && last.value.nextToken !== '') {
      this.#problems.push(
        `${last.source}: the output was cut: it ends in a nextToken, so it tells nothing; fetch the rest too`,
      );
      return;
    }
    for (const { value } of pages) {
      const told = recorder.safeParse(value.Recorder);
      if (told.success) this.#recorderStarts.push(told.data.lastStartTime);
      for (const raw of listOf(value.configurationItems)) this.#add(raw);
    }
  }

  finish(): Told {
    const rules: ToldRule[] = [];
    const groups: ToldGroup[] = [];
    const entries: ToldEntry[] = [];
    const interfaces: ToldInterface[] = [];
    for (const { type, id, items } of this.#byResource.values()) {
      const states = this.#statesOf([...items.values()]);
      if (type === 'AWS::EC2::SecurityGroup') this.#group(id, states, rules, groups);
      else if (type === 'AWS::EC2::PrefixList') this.#list(id, states, entries);
      else this.#interface(id, states, interfaces);
    }
    const problems = [...this.#problems];
    const isWhole = this.#recorderStarts.length > 0 && !this.#lost;
    const recordedSince = !isWhole ? Infinity : Math.max(...new Set(this.#recorderStarts));
    if (this.#unread > 0) problems.push(`config-history: ${count(this.#unread, 'item')} could not be read`);
    if (this.#byResource.size > 0 && recordedSince === Infinity)
      problems.push('config-history: it does not say whether states are recorded without a break, so it tells no age');
    return {
      source: 'config',
      rules,
      groups,
      entries,
      interfaces,
      instances: [],
      unplaced: [],
      asked: [],
      digests: [],
      recordedSince,
      problems,
    };
  }

  #add(raw: unknown): void {
    const read = item.safeParse(raw);
    if (!read.success || Number.isNaN(read.data.configurationItemCaptureTime)) {
      this.#unread++;
      this.#lost = true;
      return;
    }
    const { resourceType, resourceId, configurationItemCaptureTime } = read.data;
    const type = CONFIG_TYPES.find((one) => one === resourceType);
    if (!type) return;
    const key = `${type} ${resourceId}`;
    const resource = this.#byResource.get(key) ?? { type, id: resourceId, items: new Map<string, Item>() };
    resource.items.set(String(configurationItemCaptureTime), read.data);
    this.#byResource.set(key, resource);
  }

  #statesOf(items: readonly Item[]): State[] {
    const inTime = items.toSorted((a, b) => a.configurationItemCaptureTime - b.configurationItemCaptureTime);
    // From then on nobody looked, until the next state: what was before tells nothing of what came after.
    const unrecorded = inTime.findLastIndex(({ configurationItemStatus }) =>
      configurationItemStatus.endsWith('NotRecorded'),
    );
    return inTime
      .slice(unrecorded + 1)
      .map(({ configurationItemCaptureTime: at, configurationItemStatus, configuration }) => {
        if (configurationItemStatus === 'ResourceDeleted') return { at, configuration: undefined };
        return { at, configuration: parsed(configuration ?? '') };
      });
  }

  #group(groupId: string, states: readonly State[], rules: ToldRule[], groups: ToldGroup[]): void {
    const vpcId = states.map(({ configuration }) => configuration?.VpcId).findLast((id) => typeof id === 'string');
    if (typeof vpcId === 'string') groups.push({ at: -Infinity, by: '', groupId, vpcId });
    this.#differences(
      states,
      (configuration) => rulesOf(configuration, groupId),
      (what, at, rule) => rules.push({ what, at, by: '', groupId, ruleId: '', rule }),
    );
  }

  #list(prefixListId: string, states: readonly State[], entries: ToldEntry[]): void {
    this.#differences(states, entriesIn, (what, at, prefix) =>
      entries.push({ what, at, by: '', prefixListId, prefix }),
    );
  }

  /** Tells what the first state has, and from then on what came and what went. */
  #differences<T>(
    states: readonly State[],
    partsOf: (configuration: NonNullable<State['configuration']>) => ReadonlyMap<string, T> | undefined,
    tell: (what: 'seen' | 'made' | 'gone', at: number, part: T) => void,
  ): void {
    let before: ReadonlyMap<string, T> | undefined;
    for (const { at, configuration } of states) {
      const now = configuration ? partsOf(configuration) : new Map<string, T>();
      if (!now) {
        // What stands in the next one may have come and gone until then: it is no older.
        if (before) before = new Map();
        this.#unread++;
        continue;
      }
      for (const [key, part] of now) if (!before?.has(key)) tell(before ? 'made' : 'seen', at, part);
      for (const [key, part] of before ?? []) if (!now.has(key)) tell('gone', at, part);
      before = now;
    }
  }

  #interface(interfaceId: string, states: readonly State[], interfaces: ToldInterface[]): void {
    let before: NetworkInterface | undefined;
    for (const { at, configuration } of states) {
      if (!configuration) {
        interfaces.push({ at, by: '', interfaceId, change: { what: 'gone' } });
        continue;
      }
      const attachedAt = attachTimeOf(configuration);
      const iface = toldInterface(configuration, Math.min(at, attachedAt ?? at));
      if (!iface || iface.interfaceId !== interfaceId) {
        this.#unread++;
        continue;
      }
      const told = { at, by: '', interfaceId };
      if (!before) {
        const since = Math.min(at, attachedAt ?? at);
        interfaces.push({ ...told, at: since, change: { what: 'made', iface, instanceId: '' } });
      } else {
        const since = at - CAPTURE_SECONDS;
        interfaces.push({ ...told, change: { what: 'groups', groupIds: iface.groupIds, since } });
        interfaces.push({ ...told, change: { what: 'addresses', prefixes: iface.prefixes } });
      }
      before = iface;
    }
  }
}

function rulesOf(
  configuration: Readonly<Record<string, unknown>>,
  groupId: string,
): ReadonlyMap<string, Rule> | undefined {
  if (configuration.GroupId !== groupId) return undefined;
  const rules = [
    ...listOf(configuration.IpPermissions).map((raw) => toldPermission(raw, { groupId, isEgress: false })),
    ...listOf(configuration.IpPermissionsEgress).map((raw) => toldPermission(raw, { groupId, isEgress: true })),
  ];
  if (rules.some((some) => some === undefined)) return undefined;
  return new Map(rules.flatMap((some) => some ?? []).map((rule) => [contentKey(rule), rule]));
}

function entriesIn({ Entries }: Readonly<Record<string, unknown>>): ReadonlyMap<string, Prefix> | undefined {
  if (Entries === undefined) return undefined;
  const prefixes = listOf(Entries).map((raw) => {
    const cidr = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>).Cidr : undefined;
    return typeof cidr === 'string' ? parsePrefix(cidr) : undefined;
  });
  if (prefixes.some((prefix) => prefix === undefined)) return undefined;
  return new Map(prefixes.flatMap((prefix) => (prefix ? [[formatPrefix(prefix), prefix]] : [])));
}

function attachTimeOf({ Attachment }: Readonly<Record<string, unknown>>): number | undefined {
  const attached = z.looseObject({ AttachTime: z.string() }).safeParse(Attachment);
  return attached.success ? secondsFromAws(attached.data.AttachTime) : undefined;
}

function parsed(json: string): Readonly<Record<string, unknown>> {
  try {
    const described = asDescribed(JSON.parse(json));
    const isObject = typeof described === 'object' && described !== null && !Array.isArray(described);
    return isObject ? (described as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
