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

/** The mix, as it is played. */
export const USUAL_TRAFFIC: readonly PlayedKind[] = MIX.map((kind) => ({
  ...kind,
  recipe: RECIPES[kind.kind],
  played: 'byShare',
}));
