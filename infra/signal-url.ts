/** The address to which people speak: a function URL that only signed requests reach, and what a caller needs for it. */
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { FunctionUrlAuthType, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';

/** @returns the URL, known when the stack is deployed */
export function createSignalUrl(handler: LambdaFunction): string {
  return handler.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM }).url;
}

/**
 * Lambda asks a caller of a URL for both actions. The condition is what makes the caller's identity AWS's word: whoever
 * may invoke the function without its URL can write any identity into the event.
 */
export function grantSignals(grantee: IGrantable, functionArn: string): void {
  Grant.addToPrincipal({
    grantee,
    actions: ['lambda:InvokeFunctionUrl'],
    resourceArns: [functionArn],
    conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
  });
  Grant.addToPrincipal({
    grantee,
    actions: ['lambda:InvokeFunction'],
    resourceArns: [functionArn],
    conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
  });
}
