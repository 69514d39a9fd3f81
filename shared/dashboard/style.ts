import { html } from '../model/html.ts';
import type { WidgetRequest } from './request.ts';

/**
 * CloudWatch passes the dashboard's theme; the page around the widget doesn't follow the browser's. All rules are limited to our own class,
 * so that they don't affect other widgets.
 */
const palettes = {
  light: '--text:#16191f;--soft:#545b64;--line:#d5dbdb;--card:#f2f3f3;--good:#116329;--warn:#8a4600;--bad:#a40e26;--quiet:#545b64',
  dark: '--text:#e9ebed;--soft:#a4afba;--line:#414d5c;--card:#192534;--good:#6fd08c;--warn:#ffb65c;--bad:#ff8f87;--quiet:#a4afba',
} as const;

/** The style sheet of a theme. */
export const styleOf = (theme: WidgetRequest['theme']) => html`<style>
.selfheal{${palettes[theme]};color:var(--text);font:14px/1.45 "Amazon Ember",system-ui,sans-serif;overflow-wrap:anywhere}
.selfheal *{box-sizing:border-box}
.selfheal .row{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline}
.selfheal .bar{gap:8px;align-items:center;margin:0 0 8px}
.selfheal .soft{color:var(--soft)}
.selfheal select{color:inherit;background:var(--card);border:1px solid var(--line);border-radius:4px;padding:3px 6px;font:inherit}
.selfheal details{border-top:1px solid var(--line);padding:6px 0}
.selfheal summary{cursor:pointer;display:flex;flex-wrap:wrap;gap:0 12px;align-items:baseline}
.selfheal summary::before{content:"\\25b8";color:var(--soft)}
.selfheal details[open] summary::before{content:"\\25be"}
.selfheal summary:focus-visible{outline:2px solid currentcolor}
.selfheal time{font-variant-numeric:tabular-nums;color:var(--soft);white-space:nowrap}
.selfheal .what{flex:1 1 16em}
.selfheal .state{font-weight:700}
.selfheal .good{color:var(--good)}
.selfheal .warn{color:var(--warn)}
.selfheal .bad{color:var(--bad)}
.selfheal .quiet{color:var(--quiet)}
.selfheal .more{background:var(--card);border-radius:4px;margin:6px 0 2px 16px;padding:8px 12px}
.selfheal .more p{margin:0 0 6px}
.selfheal ol{list-style:none;margin:0;padding:0}
.selfheal li{display:grid;grid-template-columns:6em 5em 1fr;gap:0 8px;padding:2px 0}
.selfheal li b{font-weight:400;color:var(--soft)}
</style>`;
