import { CodedError, errorMessage, errorName } from '../../shared/model/errors.ts';

/** As the SDK throws what AWS answers. */
class ServiceError extends CodedError {
  readonly $metadata: { httpStatusCode?: number };
  constructor(name: string, message: string, status?: number) {
    super(name, message);
    this.$metadata = status === undefined ? {} : { httpStatusCode: status };
  }
}

/** What a call came to. */
export type Answer = { value: unknown } | { error: { name: string; message: string; status?: number } };

/** The answer that an error is, as the SDK throws it. */
export const failedWith = (error: unknown): Answer => {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  return { error: { name: errorName(error), message: errorMessage(error), ...(status === undefined ? {} : { status }) } };
};

/** Gives the answer to a caller, as the SDK would. */
export const give = (answer: Answer): unknown => {
  if ('value' in answer) return structuredClone(answer.value);
  const { name, message, status } = answer.error;
  throw new ServiceError(name, message, status);
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
