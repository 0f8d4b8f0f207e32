import { App } from 'aws-cdk-lib/core';
import { addStacks } from './add-stacks.ts';
import { readConfig } from './config.ts';

const app = new App();
const file: unknown = app.node.tryGetContext('config');
if (typeof file !== 'string') {
  throw new Error('Say which deployment: cdk synth -c config=infra/examples/existing-bucket.json');
}
addStacks(app, readConfig(file));
