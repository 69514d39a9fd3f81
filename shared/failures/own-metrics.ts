/** The words of a metric's name, the same for `OrderErrors`, `order_errors` and `order.errors`. */
const words = (name: string): Set<string> => {
  const spaced = name
    .slice(0, 255)
    .replace(/(\d)xx/gi, ' $1xx ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2');
  return new Set(spaced.toLowerCase().split(/[^a-z0-9]+/));
};

const errors = ['error', 'errors', 'exception', 'exceptions', '5xx', '5xxs', 'fault', 'faults'];
const latencies = ['latency', 'duration', 'responsetime'];

/** Whether a user's own metric counts errors, judging by its name. */
export const looksLikeErrors = (name: string): boolean => {
  const found = words(name);
  return errors.some((word) => found.has(word));
};

/** Whether a user's own metric measures latency, judging by its name. */
export const looksLikeLatency = (name: string): boolean => {
  const found = words(name);
  return latencies.some((word) => found.has(word)) || (found.has('response') && found.has('time'));
};
