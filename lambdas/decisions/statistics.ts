/** Tail probabilities: how often chance alone gives at least this much. */

/** Coefficients of Lanczos' approximation for g = 7, n = 9: about 15 digits. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln Γ(x), for x > 0. */
export function logGamma(x: number): number {
  const shifted = x - 1;
  const t = shifted + 7.5;
  const sum = LANCZOS.reduce(
    (so, coefficient, k) => so + (k === 0 ? coefficient : coefficient / (shifted + k)),
  );
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

const logChoose = (n: number, k: number): number => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);

/** P(X ≥ z) of the standard normal distribution. */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return z < 3 ? 0.5 - density * normalSeries(z) : density / millsFraction(z);
}

/** z + z³/3 + z⁵/(3·5) + …: what the density has to be multiplied by for the area from 0 to z. */
function normalSeries(z: number): number {
  let term = z;
  let sum = z;
  for (let odd = 3; Math.abs(term) > sum * 1e-17; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return sum;
}

/** z + 1/(z + 2/(z + 3/(z + …))): one over Mills' ratio. */
function millsFraction(z: number): number {
  let fraction = z;
  for (let k = 120; k >= 1; k -= 1) fraction = z + k / fraction;
  return fraction;
}

/** P(X ≥ t) of Student's t distribution with `degrees` of freedom, not necessarily whole. */
export function studentTail(t: number, degrees: number): number {
  const tail = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t >= 0 ? tail : 1 - tail;
}

/** The regularised incomplete beta function I_x(a, b). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges quickly on this side of the mean only.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const factor = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b));
  return factor / (a * betaFraction(x, a, b));
}

/** 1 + d₁/(1 + d₂/(1 + …)), evaluated from its far end. */
function betaFraction(x: number, a: number, b: number): number {
  let fraction = 1;
  for (let m = 200; m >= 1; m -= 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m - 1) * (a + b + m - 1) * x) / ((a + 2 * m - 2) * (a + 2 * m - 1));
    fraction = 1 + odd / (1 + even / fraction);
  }
  return fraction;
}

/**
 * P(X ≥ `drawn`), where X counts the marked ones among `draws` drawn without replacement from `population`, of which
 * `marked` are marked: Fisher's exact test.
 */
export function hypergeometricTail(drawn: number, draws: number, marked: number, population: number): number {
  const least = Math.max(0, draws + marked - population);
  const most = Math.min(draws, marked);
  if (drawn <= least) return 1;
  if (drawn > most) return 0;
  const logFirst =
    logChoose(marked, drawn) + logChoose(population - marked, draws - drawn) - logChoose(population, draws);
  const ratio = (k: number): number =>
    ((marked - k) * (draws - k)) / ((k + 1) * (population - marked - draws + k + 1));
  return sumTail(logFirst, ratio, drawn, most);
}

/** P(X ≥ `successes`) of `trials` independent ones, each a success with probability `share`. */
export function binomialTail(successes: number, trials: number, share: number): number {
  if (successes <= 0) return 1;
  if (successes > trials || share <= 0) return 0;
  if (share >= 1) return 1;
  const logFirst =
    logChoose(trials, successes) + successes * Math.log(share) + (trials - successes) * Math.log1p(-share);
  const ratio = (k: number): number => (((trials - k) / (k + 1)) * share) / (1 - share);
  return sumTail(logFirst, ratio, successes, trials);
}

/** Sums the probabilities of `from` to `to`, each the one before times `ratio`, until they no longer count. */
function sumTail(logFirst: number, ratio: (k: number) => number, from: number, to: number): number {
  let term = 1;
  let sum = 1;
  for (let k = from; k < to; k += 1) {
    const factor = ratio(k);
    term *= factor;
    sum += term;
    if (factor < 1 && term < sum * 1e-16) break;
  }
  return Math.min(1, Math.exp(logFirst + Math.log(sum)));
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
