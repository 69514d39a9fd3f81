/** Our own region and account, from `arn:aws:lambda:REGION:ACCOUNT:function:NAME`. */
export const homeOf = ({ invokedFunctionArn }: { invokedFunctionArn: string }): { account: string; region: string } => {
  const [, , , region = '', account = ''] = invokedFunctionArn.split(':');
  return { account, region };
};
