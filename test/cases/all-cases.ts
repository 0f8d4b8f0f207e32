import { AGE } from './age.ts';
import type { Case } from './case.ts';
import { CONTROL } from './control.ts';
import { COVER } from './cover.ts';
import { PARQUET_FILES } from './files-parquet.ts';
import { FILES } from './files.ts';
import { NARROWER } from './narrower.ts';
import { READING } from './reading.ts';
import { SAFETY } from './safety.ts';
import { SERVICES } from './services.ts';
import { UNATTRIBUTED } from './unattributed.ts';
import { USEFUL } from './useful.ts';

export const CASES: readonly Case[] = [
  ...AGE,
  ...CONTROL,
  ...COVER,
  ...PARQUET_FILES,
  ...FILES,
  ...NARROWER,
  ...READING,
  ...SAFETY,
  ...SERVICES,
  ...UNATTRIBUTED,
  ...USEFUL,
];
