import { AwsError } from '../../../wire/protocol/errors.ts';

const pattern =
  /^(?:(?:arn:aws[a-zA-Z-]*:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?function:)?([a-zA-Z0-9-_]{1,64})(?::(\$LATEST|[a-zA-Z0-9-_]{1,128}))?$/;

/**
 * A function's name and qualifier out of any of the forms that Invoke takes: a name, a partial or a full ARN, each with a version or
 * alias behind it or without. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export const parseFunctionName = (text: string): { name: string; qualifier: string | undefined } => {
  const match = pattern.exec(text);
  if (!match)
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${text.slice(0, 170)}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern.source}`,
    );
  return { name: match[1] as string, qualifier: match[2] };
};
