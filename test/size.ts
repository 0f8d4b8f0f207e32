/**
 * How many times their usual size the worlds have of the tests that ask here: `STALE_SG_SIZE=5` makes the figures that
 * `test/README.md` quotes.
 */
export const SIZE = Number(process.env.STALE_SG_SIZE ?? 1);
