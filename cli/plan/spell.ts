/** Durations and names as people read them. */

/** `45 s`, `4 min 30 s`, `1 h`, `2 d 3 h`; the two largest units. */
export function spellSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const;
  let rest = whole;
  const parts = units.flatMap(([size, unit]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? [`${count} ${unit}`] : [];
  });
  return parts.slice(0, 2).join(' ') || '0 s';
}

/** `…/orders:41` → `orders:41` */
export const shortName = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** `…:targetgroup/orders-a/0123` → `orders-a` */
export const groupName = (arn: string): string => arn.split('/')[1] ?? arn;
