/**
 * `v2`: the default 14 fields; `v5`: the 29 fields through version 5, in the order of AWS's documentation; `all`: every
 * field through version 11, in alphabetical order, as the console writes them. `parquet`: the fields of `v5`.
 */
export type GenerateFormat = 'v2' | 'v5' | 'all' | 'parquet';

export const GENERATE_FORMATS: readonly GenerateFormat[] = ['v2', 'v5', 'all', 'parquet'];

export interface GenerateOptions {
  /** Folder to write into; made where absent. It must not hold an `inventory`, `snapshots`, `logs` or `truth` yet. */
  readonly out: string;
  /** The same seed and options give the same bytes. A whole number, 0 to 2^53 − 1. */
  readonly seed: number;
  /** Interfaces in the inventory; at least {@link MIN_INTERFACES}, which the fixed cast needs. */
  readonly interfaces: number;
  /** Rules in the inventory. The fixed cast has some 150, which are written even where fewer are asked for. */
  readonly rules: number;
  /** Log records to write, within a few percent. */
  readonly records: number;
  /** Time the logs span; at least {@link MIN_MINUTES}. From a day on every hour has records. */
  readonly minutes: number;
  readonly format: GenerateFormat;
  /** UNIX seconds of the first window, a multiple of 600. Default 2026-01-05T00:00:00Z. */
  readonly startSeconds?: number | undefined;
  /** Files one flow log delivers at the same time; more come where these are full. Default 2. */
  readonly filesPerInterval?: number | undefined;
  /**
   * Minutes between two deliveries of a flow log: a divisor of an hour and a multiple of 5, AWS's own and the default. More
   * make fewer files of the same records.
   */
  readonly deliveryMinutes?: number | undefined;
  /**
   * Also what misleads whoever reads the logs, in groups, rules and interfaces of its own beyond those asked for;
   * `minutes` must be a day at least then. Default false.
   */
  readonly hard?: boolean | undefined;
  /** Also dated snapshots of the inventory, every six hours and one before the first record. Default false. */
  readonly snapshots?: boolean | undefined;
  /** Also what the account remembers: the inventory with CloudTrail's events, and with states of AWS Config. Default false. */
  readonly memory?: boolean | undefined;
  /**
   * Also two accounts whose VPCs are peered with the first one's, each with an inventory of its own; without `hard` and `memory`.
   * Default false.
   */
  readonly peers?: boolean | undefined;
  /** Percent of the records that are of members of a group whom no inventory shows, where it is `hard`. Default 1.5. */
  readonly unknownPercent?: number | undefined;
}

/** With nothing left open. */
export interface CheckedOptions extends GenerateOptions {
  readonly startSeconds: number;
  readonly filesPerInterval: number;
  readonly deliveryMinutes: number;
  readonly hard: boolean;
  readonly snapshots: boolean;
  readonly memory: boolean;
  readonly peers: boolean;
  readonly unknownPercent: number;
}

export const GENERATE_DEFAULTS = {
  seed: 1,
  interfaces: 60,
  rules: 300,
  records: 100_000,
  minutes: 60,
  format: 'v5',
  startSeconds: Date.UTC(2026, 0, 5) / 1000,
  filesPerInterval: 2,
  deliveryMinutes: 5,
  hard: false,
  snapshots: false,
  memory: false,
  peers: false,
  unknownPercent: 1.5,
} as const satisfies Omit<CheckedOptions, 'out'>;

export const MIN_INTERFACES = 20;
const MIN_MINUTES = 10;
/** What happens once a day, and what changes in between. */
const HARD_MIN_MINUTES = 1440;
const MAX_UNKNOWN_PERCENT = 50;
const DELIVERY_MINUTES: readonly number[] = [5, 10, 15, 20, 30, 60];

/** Bounds of the numbers, both inclusive. */
const BOUNDS = {
  seed: [0, Number.MAX_SAFE_INTEGER],
  interfaces: [MIN_INTERFACES, 20_000],
  rules: [1, 200_000],
  records: [1, 10_000_000_000],
  minutes: [MIN_MINUTES, 527_040],
  startSeconds: [0, 4_102_444_200],
  filesPerInterval: [1, 16],
} as const;

/** The options with their defaults. Throws a RangeError that names the option and what it may be. */
export function checkedOptions(options: GenerateOptions): CheckedOptions {
  const checked = {
    ...options,
    startSeconds: options.startSeconds ?? GENERATE_DEFAULTS.startSeconds,
    filesPerInterval: options.filesPerInterval ?? GENERATE_DEFAULTS.filesPerInterval,
    deliveryMinutes: options.deliveryMinutes ?? GENERATE_DEFAULTS.deliveryMinutes,
    hard: options.hard ?? GENERATE_DEFAULTS.hard,
    snapshots: options.snapshots ?? GENERATE_DEFAULTS.snapshots,
    memory: options.memory ?? GENERATE_DEFAULTS.memory,
    peers: options.peers ?? GENERATE_DEFAULTS.peers,
    unknownPercent: options.unknownPercent ?? GENERATE_DEFAULTS.unknownPercent,
  };
  for (const name of Object.keys(BOUNDS) as (keyof typeof BOUNDS)[]) {
    const [low, high] = BOUNDS[name];
    const value = checked[name];
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new RangeError(`${name} must be a whole number from ${low} to ${high}, not ${value}`);
    }
  }
  if (!(checked.unknownPercent >= 0 && checked.unknownPercent <= MAX_UNKNOWN_PERCENT)) {
    throw new RangeError(`unknownPercent must be from 0 to ${MAX_UNKNOWN_PERCENT}, not ${checked.unknownPercent}`);
  }
  if (checked.hard && checked.minutes < HARD_MIN_MINUTES) {
    throw new RangeError(`minutes must be at least ${HARD_MIN_MINUTES} where hard is set, not ${checked.minutes}`);
  }
  if (checked.peers && (checked.hard || checked.memory)) throw new RangeError('peers cannot be with hard or memory');
  if (!DELIVERY_MINUTES.includes(checked.deliveryMinutes)) {
    throw new RangeError(
      `deliveryMinutes must be one of ${DELIVERY_MINUTES.join(', ')}, not ${checked.deliveryMinutes}`,
    );
  }
  if (checked.startSeconds % 600 !== 0) throw new RangeError('startSeconds must be a multiple of 600');
  if (!GENERATE_FORMATS.includes(checked.format)) {
    throw new RangeError(`format must be one of ${GENERATE_FORMATS.join(', ')}`);
  }
  return checked;
}
