/**
 * How CloudWatch writes numbers and times. It is a Java service, and consumers parse what it writes, so 99 is `99.0` here as well, in
 * sentences and in JSON.
 */

/** A number that is written as a Java double also in JSON, e.g. `99.0` or `1.0E7`. */
export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** As Java's `Double.toString`: always a fraction, and an exponent from ten million up and below a thousandth. */
export const formatDouble = (value: number): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
};

/** JSON with `Double`s as Java writes them; members that are undefined are left out. */
export const writeJavaJson = (value: unknown): string => {
  if (value instanceof Double) return formatDouble(value.value);
  if (Array.isArray(value)) return `[${value.map(writeJavaJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${writeJavaJson(member)}`).join(',')}}`;
};

/** `2026-11-20T13:35:00.000+0000` */
export const timestamp = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');

/** `20/11/26 13:35:00`, as datapoints in reasons carry it. */
export const datapointTime = (at: number): string => {
  const iso = new Date(at).toISOString();
  return `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(2, 4)} ${iso.slice(11, 19)}`;
};

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = 'January February March April May June July August September October November December'.split(' ');

/** `Friday 20 November, 2026 13:35:00 UTC`, as the reasons of composite alarms carry it. */
export const longTime = (at: number): string => {
  const date = new Date(at);
  const day = String(date.getUTCDate()).padStart(2, '0');
  return `${weekdays[date.getUTCDay()]} ${day} ${months[date.getUTCMonth()]}, ${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} UTC`;
};
