import { CONFIG_TYPES } from '../../shared/inventory/past/config-items.ts';
import { BudgetSpent, CallDenied, type Pace } from './pace.ts';
import { RESERVED_CALLS } from './recall-events.ts';

export type ResourceType = (typeof CONFIG_TYPES)[number];

export interface StatePage {
  /** As `aws configservice get-resource-config-history` prints them. */
  readonly items: readonly object[];
  readonly nextToken: string | undefined;
}

/** What AWS Config recorded. Each may throw CallDenied. */
export interface StateHistory {
  /** Undefined where nothing is recorded. */
  recorder(signal: AbortSignal): Promise<object | undefined>;
  /** Ids of resources that were seen, those that are gone too. */
  ids(
    type: ResourceType,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<{ ids: readonly string[]; nextToken: string | undefined }>;
  /** From a time on, UNIX seconds, the latest first; undefined for a resource that was never recorded. */
  states(
    type: ResourceType,
    id: string,
    from: number,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<StatePage | undefined>;
}

export interface StatePorts {
  readonly history: StateHistory;
  readonly pace: Pace;
  readonly isKept: (type: ResourceType, id: string) => boolean;
  readonly keep: (type: ResourceType, id: string, page: object) => void | Promise<void>;
  readonly tell: (line: string) => void;
}

export interface StateRequest {
  /** UNIX seconds. */
  readonly from: number;
  /** What the snapshot shows, and interfaces that it does not, the busiest first. */
  readonly resources: Readonly<Record<ResourceType, readonly string[]>>;
}

/** The usual case, and no loss where CloudTrail answers. */
export const NOT_RECORDED = 'AWS Config records nothing here';

/**
 * Reads the states of resources, resource by resource, each kept as soon as it was read: those that are named, then all
 * interfaces that Config ever saw. What was kept before is not asked for again.
 *
 * @returns what is missing, in words; empty for nothing
 */
export async function recallStates(ports: StatePorts, { from, resources }: StateRequest): Promise<string[]> {
  const { history, pace, tell } = ports;
  try {
    const recorder = await pace.call((signal) => history.recorder(signal), RESERVED_CALLS);
    if (!recorder) return [NOT_RECORDED];
    for (const type of CONFIG_TYPES) {
      for (const id of resources[type]) await readStates(ports, type, id, from, recorder);
      tell(`${type}: ${String(pace.made)} calls`);
    }
    const type = 'AWS::EC2::NetworkInterface';
    let token: string | undefined;
    do {
      const page = await pace.call((signal) => history.ids(type, token, signal), RESERVED_CALLS);
      for (const id of page.ids) await readStates(ports, type, id, from, recorder);
      token = page.nextToken;
    } while (token);
    return [];
  } catch (error) {
    if (error instanceof BudgetSpent) return ['states of AWS Config: no call was left for all of them'];
    if (error instanceof CallDenied) return [`AWS Config may not be asked (${error.message})`];
    throw error;
  }
}

async function readStates(
  { history, pace, isKept, keep }: StatePorts,
  type: ResourceType,
  id: string,
  from: number,
  Recorder: object,
): Promise<void> {
  if (isKept(type, id)) return;
  const configurationItems: object[] = [];
  let token: string | undefined;
  do {
    const page = await pace.call((signal) => history.states(type, id, from, token, signal), RESERVED_CALLS);
    if (!page) break;
    configurationItems.push(...page.items);
    token = page.nextToken;
  } while (token);
  await keep(type, id, { configurationItems, Recorder });
}
