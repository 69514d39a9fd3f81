/** What a call came to. */
export type Answer = { value: unknown } | { error: { name: string; message: string; status?: number } };

/** The answer that an error is, as the SDK throws it. */
export const failedWith = (error: unknown): Answer => {
  const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  return { error: { name, message, ...($metadata?.httpStatusCode === undefined ? {} : { status: $metadata.httpStatusCode }) } };
};

/** Gives the answer to a caller, as the SDK would. */
export const give = (answer: Answer): unknown => {
  if ('value' in answer) return structuredClone(answer.value);
  const { name, message, status } = answer.error;
  throw Object.assign(new Error(message), { name, ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }) });
};

/** What a caller sees whose answer is lost. */
export const lost: Answer = { error: { name: 'TimeoutError', message: 'the answer was lost' } };

/** Gives answers of the same content the same number. */
export const createNumbering = () => {
  const texts = new Map<string, number>();
  const numbers = new WeakMap<Answer, number>();
  return (answer: Answer): number => {
    const known = numbers.get(answer);
    if (known !== undefined) return known;
    const text = JSON.stringify(answer);
    const number = texts.get(text) ?? texts.size;
    texts.set(text, number);
    numbers.set(answer, number);
    return number;
  };
};
