/** The words in a metric's name: `OrderErrors`, `order_errors` and `order.errors` have the same. */
const words = (name: string): Set<string> => {
  const spaced = name
    .slice(0, 255)
    .replace(/(\d)xx/gi, ' $1xx ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2');
  return new Set(spaced.toLowerCase().split(/[^a-z0-9]+/));
};

const errors = ['error', 'errors', 'exception', 'exceptions', '5xx', '5xxs', 'fault', 'faults'];
const latencies = ['latency', 'duration', 'responsetime'];

/** Whether a user's own metric counts errors, by the convention of its name. */
export const looksLikeErrors = (name: string): boolean => {
  const found = words(name);
  return errors.some((word) => found.has(word));
};

/** Whether a user's own metric measures how long something takes, by the convention of its name. */
export const looksLikeLatency = (name: string): boolean => {
  const found = words(name);
  return latencies.some((word) => found.has(word)) || (found.has('response') && found.has('time'));
};
