import { V2, V5 } from './format.ts';
import { World } from './world.ts';

/** The kind of fault that a case is an instance of. */
export type CaseKind =
  | 'asymmetric-path'
  | 'averages'
  | 'cannot-tell-as-cover'
  /** The right answer is to remove the rule, or that all is well. */
  | 'control'
  | 'covered-on-paper'
  | 'deaf-log'
  | 'foreign-file'
  | 'foreign-owner'
  /** Right from the beginning, and to stay so. */
  | 'held-up'
  | 'hours-not-heard'
  | 'left-out-in-silence'
  | 'narrower'
  | 'needlessly-dark'
  | 'never-logged'
  | 'no-interface'
  | 'no-interface-id'
  | 'one-bad-record'
  | 'port-guess'
  | 'same-object-twice'
  | 'tracking-expired'
  | 'two-readers'
  | 'unexplained-traffic'
  | 'unknown-interfaces'
  | 'unreadable-lines'
  | 'void-cover'
  | 'young';

/** A situation that occurs in AWS accounts, and what is true of it. */
export interface Case {
  readonly id: string;
  readonly kind: CaseKind;
  readonly title: string;
  readonly situation: string;
  /** Pages of AWS and public reports that it rests on. None where it is plain from the situation. */
  readonly sources: readonly string[];
  /**
   * `inferred`: one step is nobody's words. `unverified`: what AWS logs there is not documented, and the expectation is
   * the careful one either way. By default documented by AWS, or plain.
   */
  readonly truth?: 'inferred' | 'unverified';
  /** Of the records: by default version 5; `v2` is the default format. */
  readonly fields?: 'v2' | readonly string[];
  /** By default 30. */
  readonly days?: number;
  /** Connections an hour to a web server that every world has, by default 1; null for an empty world. */
  readonly background?: number | null;
  readonly build: (world: World) => void;
}

export function worldOf({ fields = V5, days = 30, background = 1, build }: Case): World {
  const world = new World(fields === 'v2' ? V2 : fields, days);
  if (background !== null) world.base(background);
  build(world);
  return world;
}
