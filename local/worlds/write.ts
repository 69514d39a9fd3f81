import { Document, isCollection, isMap, isPair, isScalar } from 'yaml';
import type { WrittenScenario } from './schema.ts';

/** Fields whose entries stand in a line each. */
const rows = ['instances', 'groups', 'targetGroups', 'timeline', 'answers', 'outcomes'];

/** A scenario as a file, as one would write it by hand; the lines of `about` stand above it. */
export const writeScenario = (scenario: WrittenScenario, about: readonly string[] = []): string => {
  const document = new Document(scenario, { aliasDuplicateObjects: false });
  document.commentBefore = about.map((line) => ` ${line}`).join('\n') || null;
  const inLines = (node: unknown, depth: number): void => {
    if (!isCollection(node)) return;
    for (const item of node.items) {
      const value = isPair(item) ? item.value : item;
      const key = isPair(item) && isScalar(item.key) ? String(item.key.value) : '';
      if (rows.includes(key) && isCollection(value))
        for (const row of value.items) {
          const inner = isPair(row) ? row.value : row;
          if (isCollection(inner)) inner.flow = true;
        }
      else if (depth > 0 && isMap(value)) value.flow = true;
      else inLines(value, depth + 1);
    }
  };
  inLines(document.contents, 0);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
};
