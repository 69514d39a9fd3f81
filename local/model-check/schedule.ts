import type { Request } from './process.ts';
import type { Part } from './programs.ts';
import type { Move, State } from './state.ts';

const requestInWords = (request: Request): string => {
  switch (request.kind) {
    case 'table': {
      const { name, pk, command } = request.command;
      const { UpdateExpression, ConditionExpression } = command.input as { UpdateExpression?: string; ConditionExpression?: string };
      const change = UpdateExpression ? ` ${UpdateExpression}` : '';
      return `${name.replace('Command', '')} ${pk.split('#')[1]}${change}${ConditionExpression ? ` if ${ConditionExpression}` : ''}`;
    }
    case 'act':
      return request.call.replace('Command', '');
    case 'look':
      return 'a look';
    case 'tell':
      return `telling people ${(JSON.parse(request.text) as { status: string }).status}`;
    case 'start':
      return 'starting the execution';
    case 'list':
      return 'listing dead executions';
    case 'wait':
      return `a wait of ${request.seconds} s`;
    case 'end':
      return 'its end';
  }
};

const moveInWords = ({ what, request, answer }: Move): string => {
  const about = requestInWords(request);
  const said = answer && 'error' in answer ? ` (${answer.error.name})` : '';
  return what === 'goes on' ? `${about}${said}` : `${what}: ${about}${said}`;
};

/** What has happened up to a state, a line each, with the seconds since the start. */
export const tellSchedule = (state: State, parts: readonly Part[]): string[] => {
  const lines: string[] = [];
  let first: number | undefined;
  const moves: Move[] = [];
  for (let one = state.before; one; one = one.state.before) moves.unshift(one.move);
  for (const move of moves) {
    first ??= move.at;
    lines.push(`${((move.at - first) / 1000).toFixed(0).padStart(6)} s  ${parts[move.part]?.name}: ${moveInWords(move)}`);
  }
  return lines;
};
