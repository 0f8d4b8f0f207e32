import type { Kind } from '../options/mix.ts';
import * as internet from './internet.ts';
import * as margins from './margins.ts';
import * as platform from './platform.ts';
import * as tiers from './tiers.ts';
import * as tunnels from './tunnels.ts';
import type { Recipe } from './recipe.ts';

/** How a connection of each kind comes about. */
export const RECIPES: Readonly<Record<Kind, Recipe>> = {
  ...internet,
  ...margins,
  ...platform,
  ...tiers,
  ...tunnels,
};
