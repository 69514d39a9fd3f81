/**
 * Has zod interpret schemas, where it would compile each at its first use; every function loads this file first (tools/bundling.cjs). It reads
 * its policy once and few events before it is stopped again, so that compiling was a twentieth of its load time: docs/performance.md.
 */
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
