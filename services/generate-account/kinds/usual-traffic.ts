import { MIX } from '../options/mix.ts';
import type { PlayedKind } from './recipe.ts';
import { RECIPES } from './recipes.ts';

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
