import { CfnParameter, DefaultStackSynthesizer, Stack, type IStackSynthesizer } from 'aws-cdk-lib/core';
import type { Config } from '../shared/configuration/config.ts';

/** Whose value, a hyphen and the region are the name of the bucket that a StackSet's functions come from. */
const PARAMETER = 'BundleBucket';

/** As `cdk deploy` wants it; for a StackSet, templates that name nothing of CDK's bootstrap. */
export function synthesizerOf({ stackSet }: Pick<Config, 'stackSet'>): { synthesizer?: IStackSynthesizer } {
  // CDK's own types differ in what an optional property is.
  return stackSet ? { synthesizer: new StackSetSynthesizer() as IStackSynthesizer } : {};
}

/**
 * Lambda takes code from buckets of its own region only, so there is one bucket for each region, and its name is made of
 * what the parameter says.
 */
class StackSetSynthesizer extends DefaultStackSynthesizer {
  constructor() {
    super({ fileAssetsBucketName: `\${${PARAMETER}}-\${AWS::Region}`, generateBootstrapVersionRule: false });
  }

  override addFileAsset(...asset: Parameters<DefaultStackSynthesizer['addFileAsset']>) {
    const stack = Stack.of(this.boundStack);
    if (!stack.node.tryFindChild(PARAMETER)) {
      new CfnParameter(stack, PARAMETER, {
        type: 'String',
        allowedPattern: '[a-z0-9][a-z0-9.-]{1,46}',
        description: 'The bundles are in the bucket of this name, a hyphen, and the region',
      });
    }
    return super.addFileAsset(...asset);
  }
}
