import type * as z from 'zod';
import type { Immutable } from '../immutable.ts';
import type { dayGap, verdict, young } from './verdict-schema.ts';

/** What is said of one rule; its kinds and reasons are described in the schema. */
export type Verdict = Immutable<z.output<typeof verdict>>;

export type VerdictKind = Verdict['kind'];

/** Why nothing can be said of a rule. */
export type NotObservedReason = Without<Extract<Verdict, { kind: 'notObserved' }>, 'kind'>;
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export type DayGap = z.output<typeof dayGap>;
export type Young = z.output<typeof young>;
export type Provisional = NonNullable<Extract<Verdict, { kind: 'stale' }>['provisional']>;

/** All kinds, the ones that ask for action first. */
export const VERDICT_KINDS = [
  'stale',
  'unattached',
  'redundant',
  'notObserved',
  'tooYoung',
  'exempt',
  'active',
] as const satisfies readonly VerdictKind[];
