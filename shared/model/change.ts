import type { Change } from './outcome.ts';

/** Describes a change in one line: `alice called ec2:StopInstances at 12:03:10, from 203.0.113.10 with aws-cli/2.15`. */
export const describeChange = ({ who, call, at, from, agent, via, error, selfheal }: Change): string => {
  const parts = [
    `${selfheal ? `selfheal (${who})` : who} called ${call} at ${at.slice(11, 19)}`,
    from && from !== via ? `, from ${from}` : '',
    agent && agent !== via && agent !== from ? ` with ${agent}` : '',
    via ? ` through ${via}` : '',
    error ? `, which failed: ${error}` : '',
  ];
  return parts.join('');
};
