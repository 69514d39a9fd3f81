/** `arn:aws:lambda:REGION:ACCOUNT:function:NAME`: where we run. */
export const homeOf = ({ invokedFunctionArn }: { invokedFunctionArn: string }): { account: string; region: string } => {
  const [, , , region = '', account = ''] = invokedFunctionArn.split(':');
  return { account, region };
};
