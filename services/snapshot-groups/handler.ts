import { observed } from '../../shared/aws/observed.ts';
import { wire } from './wiring-adapter.ts';

const { publish, tools } = wire(process.env);

/** Whatever the event: takes the snapshot, and returns where it is. */
export const handler = observed(tools).handler(() => publish());
