/** DynamoDB numbers: decimal strings of up to 38 digits, compared and added exactly. */
import { AwsError } from '../wire/aws-error.ts';

/** `digits` × 10^`exponent`; `digits` never ends in 0, except zero itself, which is 0 × 10^0. */
interface Decimal {
  digits: bigint;
  exponent: number;
}

const DIGITS_MAX = 38;
const MAGNITUDE_MAX = 125;
const MAGNITUDE_MIN = -130;
const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/**
 * The canonical spelling of a number: no leading or trailing zeros, no exponent (`1.50e1` → `15`).
 * @throws AwsError `ValidationException` if it is not a number or out of range.
 */
export function normaliseNumber(text: string): string {
  return format(parse(text));
}

/** Negative, 0 or positive, as for `Array.sort`. */
export function compareNumbers(a: string, b: string): number {
  const [x, y] = align(parse(a), parse(b));
  return x < y ? -1 : x > y ? 1 : 0;
}

/** @throws AwsError `ValidationException` if the sum is out of range. */
export function addNumbers(a: string, b: string): string {
  const [x, y, exponent] = align(parse(a), parse(b));
  return format(checked(strip({ digits: x + y, exponent })));
}

/** @throws AwsError `ValidationException` if the difference is out of range. */
export function subtractNumbers(a: string, b: string): string {
  const [x, y, exponent] = align(parse(a), parse(b));
  return format(checked(strip({ digits: x - y, exponent })));
}

/** How many bytes DynamoDB counts for a number: about one for two significant digits, and one. */
export function numberSize(text: string): number {
  const { digits } = parse(text);
  return Math.ceil(magnitudeDigits(digits) / 2) + 1 + (digits < 0n ? 1 : 0);
}

function parse(text: string): Decimal {
  const match = PATTERN.exec(text);
  const [, sign = '', whole = '', fraction = '', power = '0'] = match ?? [];
  if (!match || whole.length + fraction.length === 0) {
    const message =
      text === ''
        ? 'The parameter cannot be converted to a numeric value'
        : `The parameter cannot be converted to a numeric value: ${text}`;
    throw new AwsError('ValidationException', message);
  }
  const magnitude = BigInt(whole + fraction);
  return checked(
    strip({ digits: sign === '-' ? -magnitude : magnitude, exponent: Number(power) - fraction.length }),
  );
}

function strip({ digits, exponent }: Decimal): Decimal {
  if (digits === 0n) return { digits, exponent: 0 };
  const text = digits.toString();
  const significant = text.replace(/0+$/, '');
  return { digits: BigInt(significant), exponent: exponent + text.length - significant.length };
}

function checked(value: Decimal): Decimal {
  if (value.digits === 0n) return value;
  const length = magnitudeDigits(value.digits);
  const magnitude = length - 1 + value.exponent;
  if (length > DIGITS_MAX)
    throw new AwsError(
      'ValidationException',
      'Attempting to store more than 38 significant digits in a Number',
    );
  if (magnitude > MAGNITUDE_MAX) {
    throw new AwsError(
      'ValidationException',
      'Number overflow. Attempting to store a number with magnitude larger than supported range',
    );
  }
  if (magnitude < MAGNITUDE_MIN) {
    throw new AwsError(
      'ValidationException',
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    );
  }
  return value;
}

/** Both as whole multiples of the smaller power of ten. */
function align(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const exponent = Math.min(a.exponent, b.exponent);
  const scale = (value: Decimal): bigint => value.digits * 10n ** BigInt(value.exponent - exponent);
  return [scale(a), scale(b), exponent];
}

function format({ digits, exponent }: Decimal): string {
  if (exponent >= 0) return digits.toString() + '0'.repeat(exponent);
  const sign = digits < 0n ? '-' : '';
  const text = (digits < 0n ? -digits : digits).toString().padStart(1 - exponent, '0');
  return `${sign}${text.slice(0, exponent)}.${text.slice(exponent)}`;
}

const magnitudeDigits = (digits: bigint): number => (digits < 0n ? -digits : digits).toString().length;
