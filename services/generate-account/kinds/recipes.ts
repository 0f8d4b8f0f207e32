import { type Kind, MIX } from '../options/mix.ts';
import * as internet from './internet.ts';
import * as margins from './margins.ts';
import * as platform from './platform.ts';
import * as tiers from './tiers.ts';
import * as tunnels from './tunnels.ts';
import type { PlayedKind, Recipe } from './recipe.ts';

const RECIPES: Readonly<Record<Kind, Recipe>> = {
  ...internet,
  ...margins,
  ...platform,
  ...tiers,
  ...tunnels,
};

/** In runs of a day or more: what an account is told of every hour, however little goes on. */
export const EVERY_HOUR: PlayedKind = {
  kind: 'everyHour',
  share: 0,
  why: 'every flow log of accepted traffic is heard every hour',
  played: 'everySlot',
  recipe: (stage) => RECIPES.staging(stage) + stage.gap(stage.cast.standby[0]!, 'NODATA', stage.slot.from),
};

/** The mix, as it is played. */
export const USUAL_TRAFFIC: readonly PlayedKind[] = MIX.map((kind) => ({
  ...kind,
  recipe: RECIPES[kind.kind],
  played: 'byShare',
}));
