/** In characters. Below the limits of Slack (3,000 characters per block) and Teams (28 KB per message). */
export const chatLimits = { title: 250, description: 2800, step: 300, keyword: 75, line: 200 } as const;
