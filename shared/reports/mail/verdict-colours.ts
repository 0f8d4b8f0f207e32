import type { VerdictKind } from '../../verdicts/verdict.ts';

/** The same as in the page (`page.css`); a bar of them is explained by the list below it. */
export const VERDICT_COLOURS: Readonly<Record<VerdictKind, readonly [light: string, dark: string]>> = {
  stale: ['#a63a00', '#ff9d66'],
  unattached: ['#8a5a00', '#e6b450'],
  redundant: ['#7b3f98', '#d0a2ec'],
  notObserved: ['#56606b', '#a3adb9'],
  tooYoung: ['#0e6a77', '#63c7d6'],
  exempt: ['#3d4a9a', '#aab4ff'],
  active: ['#1c6b3a', '#6fcf92'],
};
