/** Slack shows 3,000 characters of a block, and Teams 28 KB of a message; what is below is below both. In characters. */
export const chatLimits = { title: 250, description: 2800, step: 300, keyword: 75, line: 200 } as const;
